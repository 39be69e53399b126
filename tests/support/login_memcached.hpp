#pragma once
// Real memcacheds that want a login: over text (`-Y`), and over the binary protocol with SASL
// (`-S`). Both know one user. SASL needs libsasl2's plugin for PLAIN and its database (Debian:
// libsasl2-modules, sasl2-bin).

#include <stdlib.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>

#include "forked_memcached.hpp"
#include "temporary_directory.hpp"

namespace memring::testing {

/// Name and password have letters and digits only.
struct login_memcached {
    enum class protocol { text, sasl };

    login_memcached(protocol how, const std::string& user, const std::string& password)
        : server(how == protocol::text ? with_password_file(user, password)
                                       : with_sasl(user, password)) {}

    temporary_directory directory;
    forked_memcached server;

private:
    void write(const std::string& name, const std::string& text) const {
        if (!(std::ofstream(directory.file(name)) << text)) {
            throw std::runtime_error("cannot write " + directory.file(name));
        }
    }

    forked_memcached with_password_file(const std::string& user, const std::string& password) {
        write("users", user + ":" + password + "\n");
        return forked_memcached({"-Y", directory.file("users")});
    }

    // memcached names users by the name of its host.
    forked_memcached with_sasl(const std::string& user, const std::string& password) {
        char host[256] = {};
        ::gethostname(host, sizeof host - 1);
        const auto database = directory.file("users");
        write("memcached.conf",
              "mech_list: plain\npwcheck_method: auxprop\nauxprop_plugin: "
              "sasldb\nlog_level: 0\nsasldb_path: " +
                  database + "\n");
        const std::string program = "PATH=\"$PATH:/usr/sbin\" saslpasswd2";
        const auto command = "printf " + password + " | " + program + " -p -c -a memcached -f '" +
                             database + "' -u '" + host + "' " + user;
        if (std::system(command.c_str()) != 0) {
            throw std::runtime_error("cannot make a SASL user (install sasl2-bin): " + command);
        }
        ::setenv("SASL_CONF_PATH", directory.file("").c_str(), 1);
        forked_memcached result({"-S"});
        ::unsetenv("SASL_CONF_PATH");
        return result;
    }
};

}  // namespace memring::testing
