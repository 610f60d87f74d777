cmake_minimum_required(VERSION 3.25)
project(example LANGUAGES C)
set(CMAKE_C_STANDARD 11)

find_package(Pierce 0.1 REQUIRED)

add_executable(hello hello.c)
target_link_libraries(hello PRIVATE Pierce::pierce)

add_executable(mirror mirror.c)
target_link_libraries(mirror PRIVATE Pierce::signaling)
