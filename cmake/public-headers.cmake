# What is installed as include/pierce-1.0 is staged in the build tree too, so that apps/ and the tests of
# the installed tree can only include what a user of the library can.
set(PIERCE_STAGED_INCLUDE ${CMAKE_BINARY_DIR}/include/pierce-1.0)

add_library(pierce-staged-headers INTERFACE)
target_include_directories(pierce-staged-headers INTERFACE ${PIERCE_STAGED_INCLUDE})
target_link_libraries(pierce-staged-headers INTERFACE PkgConfig::GIO)

# pierce_public_headers(UMBRELLA HEADER...): HEADER... keep their paths; UMBRELLA lands at the top.  Paths
# are relative to the source tree.  A changed header makes the next build configure, and so copy, again.
function(pierce_public_headers umbrella)
    get_filename_component(umbrella_name ${umbrella} NAME)
    configure_file(${CMAKE_SOURCE_DIR}/${umbrella} ${PIERCE_STAGED_INCLUDE}/${umbrella_name} COPYONLY)
    install(FILES ${CMAKE_SOURCE_DIR}/${umbrella} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pierce-1.0)
    foreach(header IN LISTS ARGN)
        get_filename_component(directory ${header} DIRECTORY)
        configure_file(${CMAKE_SOURCE_DIR}/${header} ${PIERCE_STAGED_INCLUDE}/${header} COPYONLY)
        install(FILES ${CMAKE_SOURCE_DIR}/${header}
            DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pierce-1.0/${directory})
    endforeach()
endfunction()
