# What `cmake --install` gives beside the headers (cmake/public-headers.cmake) and the introspection data
# (cmake/introspection.cmake).
include(CMakePackageConfigHelpers)

set(PIERCE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Pierce)
set(PIERCE_LIBRARIES pierce pierce-signaling)
set_target_properties(pierce-signaling PROPERTIES EXPORT_NAME signaling)

# The .pc files find their prefix from where they are, so that a moved or staged tree works.
file(RELATIVE_PATH PIERCE_PREFIX_FROM_PKGCONFIG
    ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})

foreach(library IN LISTS PIERCE_LIBRARIES)
    target_include_directories(${library} INTERFACE
        $<BUILD_INTERFACE:${PIERCE_STAGED_INCLUDE}>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/pierce-1.0>)
    configure_file(cmake/${library}-1.0.pc.in ${CMAKE_BINARY_DIR}/${library}-1.0.pc @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/${library}-1.0.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
install(TARGETS ${PIERCE_LIBRARIES} EXPORT PierceTargets)

install(EXPORT PierceTargets NAMESPACE Pierce:: DESTINATION ${PIERCE_CMAKE_DIR})
configure_package_config_file(cmake/PierceConfig.cmake.in ${CMAKE_BINARY_DIR}/PierceConfig.cmake
    INSTALL_DESTINATION ${PIERCE_CMAKE_DIR})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/PierceConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/PierceConfig.cmake ${CMAKE_BINARY_DIR}/PierceConfigVersion.cmake
    DESTINATION ${PIERCE_CMAKE_DIR})

install(DIRECTORY apps/web/ DESTINATION ${CMAKE_INSTALL_DATADIR}/pierce/web)

install(FILES apps/pierce/completion.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
    RENAME pierce)
install(FILES docs/man/pierce.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES docs/man/pierced.8 DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)

install(FILES README.md CHANGELOG.md SECURITY.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs FILES_MATCHING PATTERN "*.md")
