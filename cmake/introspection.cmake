# Pierce-1.0 and PierceSignaling-1.0 for programs in other languages: a GIR and a typelib each, made by
# g-ir-scanner from the public headers and from the sources that document signals and properties.
find_program(G_IR_SCANNER g-ir-scanner REQUIRED)
find_program(G_IR_COMPILER g-ir-compiler REQUIRED)

set(PIERCE_GIR_DIR ${CMAKE_BINARY_DIR}/girepository)
set(PIERCE_GIR_INSTALL_DIR ${CMAKE_INSTALL_DATADIR}/gir-1.0)
set(PIERCE_TYPELIB_INSTALL_DIR ${CMAKE_INSTALL_LIBDIR}/girepository-1.0)

# pierce_gir(NAMESPACE TARGET HEADERS... OPTIONS...): both lists separated by semicolons.
function(pierce_gir namespace target headers options)
    set(gir ${PIERCE_GIR_DIR}/${namespace}-1.0.gir)
    set(typelib ${PIERCE_GIR_DIR}/${namespace}-1.0.typelib)
    set(sources)
    foreach(header IN LISTS headers)
        list(APPEND sources ${CMAKE_SOURCE_DIR}/${header})
        string(REGEX REPLACE "\\.h$" ".c" source ${CMAKE_SOURCE_DIR}/${header})
        if(EXISTS ${source})
            list(APPEND sources ${source})
        endif()
    endforeach()
    file(MAKE_DIRECTORY ${PIERCE_GIR_DIR})
    add_custom_command(OUTPUT ${gir}
        COMMAND ${CMAKE_COMMAND} -E env "CC=${CMAKE_C_COMPILER}" CFLAGS= LDFLAGS= ${G_IR_SCANNER}
            --quiet --warn-all --warn-error
            --namespace=${namespace} --nsversion=1.0 --identifier-prefix=Pierce --symbol-prefix=pierce
            --include=Gio-2.0 --pkg=gio-2.0 ${options}
            --cflags-begin -I${CMAKE_SOURCE_DIR} --cflags-end
            --library-path=$<TARGET_FILE_DIR:pierce> --library-path=$<TARGET_FILE_DIR:${target}>
            --library=${target} --output=${gir}
            ${sources}
        DEPENDS ${target} ${sources}
        COMMENT "Introspecting ${namespace}" VERBATIM)
    add_custom_command(OUTPUT ${typelib}
        COMMAND ${G_IR_COMPILER} --includedir=${PIERCE_GIR_DIR} --output=${typelib} ${gir}
        DEPENDS ${gir} VERBATIM)
    add_custom_target(gir-${namespace} ALL DEPENDS ${gir} ${typelib})
    install(FILES ${gir} DESTINATION ${PIERCE_GIR_INSTALL_DIR})
    install(FILES ${typelib} DESTINATION ${PIERCE_TYPELIB_INSTALL_DIR})
endfunction()

get_directory_property(headers DIRECTORY datachannel DEFINITION PIERCE_PUBLIC_HEADERS)
pierce_gir(Pierce pierce "${headers}" "--c-include=pierce.h;--pkg-export=pierce-1.0")

pierce_gir(PierceSignaling pierce-signaling "signaling/export.h;signaling/client.h;signaling/negotiator.h"
    "--c-include=pierce-signaling.h;--pkg-export=pierce-signaling-1.0;--include-uninstalled=${PIERCE_GIR_DIR}/Pierce-1.0.gir")
add_dependencies(gir-PierceSignaling gir-Pierce)
