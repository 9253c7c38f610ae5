# find_package(scout-auth) defines
#
#   scout-auth::shared      the shared library, if it is installed
#   scout-auth::static      the static library, if it is installed
#   scout-auth::scout-auth  the shared one, or the static one if there is no other or
#                           SCOUT_AUTH_USE_STATIC is on
cmake_minimum_required(VERSION 3.18)

# This file is in <prefix>/share/cmake/scout-auth.
get_filename_component(_scout_auth_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

foreach(_scout_auth_kind shared static)
    if(_scout_auth_kind STREQUAL "shared")
        set(_scout_auth_name "${CMAKE_SHARED_LIBRARY_PREFIX}scout_auth${CMAKE_SHARED_LIBRARY_SUFFIX}")
    else()
        set(_scout_auth_name "${CMAKE_STATIC_LIBRARY_PREFIX}scout_auth${CMAKE_STATIC_LIBRARY_SUFFIX}")
    endif()
    find_library(_scout_auth_library NAMES "${_scout_auth_name}" PATHS "${_scout_auth_prefix}"
        PATH_SUFFIXES lib NO_DEFAULT_PATH NO_CACHE)
    if(_scout_auth_library AND NOT TARGET scout-auth::${_scout_auth_kind})
        string(TOUPPER "${_scout_auth_kind}" _scout_auth_type)
        add_library(scout-auth::${_scout_auth_kind} ${_scout_auth_type} IMPORTED)
        set_target_properties(scout-auth::${_scout_auth_kind} PROPERTIES
            IMPORTED_LOCATION "${_scout_auth_library}"
            INTERFACE_INCLUDE_DIRECTORIES "${_scout_auth_prefix}/include")
        get_filename_component(_scout_auth_libdir "${_scout_auth_library}" DIRECTORY)
    endif()
    unset(_scout_auth_library)
endforeach()

# What a program needs beside the static library is written in one place: the pkg-config file.
if(TARGET scout-auth::static)
    file(STRINGS "${_scout_auth_libdir}/pkgconfig/scout-auth.pc" _scout_auth_libs REGEX "^Libs\\.private:")
    string(REGEX REPLACE "^Libs\\.private: *" "" _scout_auth_libs "${_scout_auth_libs}")
    separate_arguments(_scout_auth_libs)
    set_target_properties(scout-auth::static PROPERTIES INTERFACE_LINK_LIBRARIES "${_scout_auth_libs}")
endif()

if(NOT TARGET scout-auth::scout-auth)
    if(TARGET scout-auth::shared AND NOT SCOUT_AUTH_USE_STATIC)
        add_library(scout-auth::scout-auth ALIAS scout-auth::shared)
    elseif(TARGET scout-auth::static)
        add_library(scout-auth::scout-auth ALIAS scout-auth::static)
    else()
        set(scout-auth_FOUND FALSE)
        set(scout-auth_NOT_FOUND_MESSAGE "libscout_auth is not in ${_scout_auth_prefix}")
    endif()
endif()
