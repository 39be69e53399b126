"""Builds and runs a user's program against the package."""

import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class MemringTestPackage(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain"

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        cmake_layout(self)

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self):
        if can_run(self):
            with_tls = self.dependencies[self.tested_reference_str].options.with_tls
            for program in ["app", "core_app"] + (["tls_app"] if with_tls else []):
                self.run(os.path.join(self.cpp.build.bindir, program), env="conanrun")
