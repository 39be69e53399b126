"""Stands for a library that the system's package manager has installed, so that memring's recipe can
be tried without a remote: conan export packaging/conan/system --name asio --version N"""

from conan import ConanFile


class SystemHeadersRecipe(ConanFile):
    package_type = "header-library"

    def package_id(self):
        self.info.clear()

    def package_info(self):
        self.cpp_info.bindirs = []
        self.cpp_info.includedirs = []
        self.cpp_info.libdirs = []
        if self.name == "openssl":
            ssl = self.cpp_info.components["ssl"]
            ssl.set_property("cmake_target_name", "OpenSSL::SSL")
            ssl.system_libs = ["ssl", "crypto"]
            ssl.bindirs = []
            ssl.includedirs = []
            ssl.libdirs = []
