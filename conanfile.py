"""Conan 2 recipe: header-only, one package for every platform."""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load
from conan.tools.layout import basic_layout
from conan.tools.scm import Version

required_conan_version = ">=2.0"


class MemringRecipe(ConanFile):
    name = "memring"
    description = "Asynchronous client for clusters of memcached servers"
    license = "BSL-1.0"
    topics = ("memcached", "cache", "consistent-hashing", "asio", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_tls": [True, False]}
    default_options = {"with_tls": False}
    exports_sources = "include/*", "LICENSE"
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "include", "memring", "version.hpp"))
        parts = re.findall(r"#define MEMRING_VERSION_\w+ (\d+)", header)
        self.version = ".".join(parts)

    def layout(self):
        basic_layout(self)

    def requirements(self):
        self.requires("asio/[>=1.22.1 <2]")
        self.requires("xxhash/[>=0.8 <1]")
        if self.options.with_tls:
            self.requires("openssl/[>=1.1.1 <4]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(
            self,
            "*.hpp",
            os.path.join(self.source_folder, "include"),
            os.path.join(self.package_folder, "include"),
        )

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "memring")
        # The name memring::memring belongs to a component, so the sum of all needs another.
        self.cpp_info.set_property("cmake_target_name", "memring::all")

        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "memring::core")
        core.requires = ["xxhash::xxhash"]
        core.bindirs = []
        core.libdirs = []

        client = self.cpp_info.components["memring"]
        client.set_property("cmake_target_name", "memring::memring")
        client.requires = ["core", "asio::asio"]
        client.bindirs = []
        client.libdirs = []
        client.defines = ["ASIO_STANDALONE"]
        if self._asio_misses_clang_coroutines():
            client.defines += ["ASIO_HAS_CO_AWAIT", "ASIO_HAS_STD_COROUTINE"]
        if self.settings.os in ("Linux", "FreeBSD"):
            client.system_libs = ["pthread"]

        if self.options.with_tls:
            tls = self.cpp_info.components["tls"]
            tls.set_property("cmake_target_name", "memring::tls")
            tls.requires = ["memring", "openssl::ssl"]
            tls.bindirs = []
            tls.libdirs = []

    def _asio_misses_clang_coroutines(self):
        """Asio before 1.26 does not see that Clang has coroutines on top of libstdc++."""
        asio_version = Version(self.dependencies["asio"].ref.version)
        return self.settings.compiler == "clang" and asio_version < "1.26"
