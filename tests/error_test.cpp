#include <doctest/doctest.h>

#include <initializer_list>
#include <memring/error.hpp>
#include <string>

using namespace memring;

namespace {

std::error_code system_code(std::errc e) { return {static_cast<int>(e), std::system_category()}; }

}  // namespace

TEST_CASE("every error has a message of its own and says which library it is from") {
    for (int value = 1; value <= static_cast<int>(errc::invalid_cas); ++value) {
        const std::error_code error(value, memring_category());
        CAPTURE(value);
        CHECK(error.message() != "unknown memring error");
        CHECK(std::string(error.category().name()) == "memring");
        for (int other = 1; other < value; ++other) {
            CHECK(error.message() != std::error_code(other, memring_category()).message());
        }
    }
}

TEST_CASE("what never left the process may be sent again") {
    for (const auto e : {errc::timed_out_unsent, errc::connection_lost_unsent, errc::no_nodes,
                         errc::invalid_key, errc::connect_timed_out, errc::host_not_found,
                         errc::tls_untrusted, errc::tls_refused, errc::tls_failed}) {
        CAPTURE(make_error_code(e).message());
        CHECK(make_error_code(e) == condition::not_sent);
        CHECK(make_error_code(e) != condition::maybe_applied);
    }
    CHECK(system_code(std::errc::connection_refused) == condition::not_sent);
    CHECK(system_code(std::errc::host_unreachable) == condition::not_sent);
    CHECK(system_code(std::errc::timed_out) == condition::not_sent);
    CHECK(system_code(std::errc::too_many_files_open) == condition::not_sent);
    CHECK(system_code(std::errc::no_such_file_or_directory) == condition::not_sent);
}

TEST_CASE("what was written may have been applied") {
    for (const auto e : {errc::timed_out, errc::connection_lost, errc::malformed_reply}) {
        CAPTURE(make_error_code(e).message());
        CHECK(make_error_code(e) == condition::maybe_applied);
        CHECK(make_error_code(e) != condition::not_sent);
    }
    CHECK(system_code(std::errc::operation_canceled) == condition::maybe_applied);
    CHECK(system_code(std::errc::operation_canceled) != condition::not_sent);
}

TEST_CASE("a refusal of the server is neither") {
    for (const auto e : {errc::client_error, errc::not_a_number, errc::out_of_memory}) {
        CHECK(make_error_code(e) != condition::not_sent);
        CHECK(make_error_code(e) != condition::maybe_applied);
    }
}

TEST_CASE("timeouts of all kinds are std::errc::timed_out") {
    for (const auto e : {errc::timed_out, errc::timed_out_unsent, errc::connect_timed_out}) {
        CHECK(make_error_code(e) == std::errc::timed_out);
    }
    CHECK(make_error_code(errc::connection_lost) != std::errc::timed_out);
}
