#include <memring/metrics/prometheus.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <memring/metrics/metrics.hpp>

using namespace memring;
using namespace std::chrono_literals;

namespace {

metrics_snapshot two_nodes() {
    const metrics seen;
    node_watch<metrics> first(seen, node{"10.0.0.1", 11300});
    node_watch<metrics> second(seen, node{"/run/a \"b\"\\c\nd", 0});
    first.on_node_event({.kind = node_event_kind::connected});
    first.on_request({.requests = 10, .bytes = 200});
    first.on_reply({.requests = 6, .hits = 4, .misses = 2, .latency = 150us, .bytes = 900});
    first.on_reply({.requests = 2, .error = errc::timed_out, .latency = 1s});
    second.on_node_event({.kind = node_event_kind::connect_failed});
    second.on_request({});
    second.on_reply({.error = errc::host_not_found});
    return seen.snapshot();
}

struct sample {
    std::string name;
    std::map<std::string, std::string> labels;
    double value = 0;
};

struct exposition {
    std::map<std::string, std::string> types;  // by family
    std::vector<sample> samples;

    double value_of(std::string_view name, std::map<std::string, std::string> labels) const {
        std::size_t found = 0;
        double value = 0;
        for (const sample& one : samples) {
            if (one.name != name || one.labels != labels) continue;
            ++found;
            value = one.value;
        }
        CAPTURE(name);
        REQUIRE(found == 1);
        return value;
    }
};

// Reads the text by the rules of its format, and requires them: HELP and TYPE once before the
// samples of a family, which follow one another; names, labels and escapes well formed; one value.
class exposition_reader {
public:
    exposition read(const std::string& text) {
        REQUIRE(text.ends_with('\n'));
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            CAPTURE(line);
            x_rest = line;
            if (takes("# HELP ")) {
                x_family = take_name();
                REQUIRE(x_seen.insert(x_family).second);
                REQUIRE(takes(" "));
                REQUIRE_FALSE(x_rest.empty());
            } else if (takes("# TYPE ")) {
                REQUIRE(take_name() == x_family);
                REQUIRE(takes(" "));
                REQUIRE(
                    std::set<std::string_view>{"counter", "gauge", "histogram"}.contains(x_rest));
                x_result.types[x_family] = x_rest;
            } else {
                read_sample();
            }
        }
        return x_result;
    }

private:
    void read_sample() {
        sample one;
        one.name = take_name();
        const bool is_histogram = x_result.types.at(x_family) == "histogram";
        if (is_histogram) {
            REQUIRE(
                std::set<std::string>{x_family + "_bucket", x_family + "_sum", x_family + "_count"}
                    .contains(one.name));
        } else {
            REQUIRE(one.name == x_family);
        }
        REQUIRE(takes("{"));
        do {
            const std::string label = take_name();
            REQUIRE(takes("=\""));
            REQUIRE(one.labels.emplace(label, take_quoted()).second);
        } while (takes(","));
        REQUIRE(takes("} "));
        const char* const end = x_rest.data() + x_rest.size();
        const auto parsed = std::from_chars(x_rest.data(), end, one.value);
        REQUIRE(parsed.ec == std::errc{});
        REQUIRE(parsed.ptr == end);
        x_result.samples.push_back(std::move(one));
    }

    bool takes(std::string_view prefix) {
        if (!x_rest.starts_with(prefix)) return false;
        x_rest.remove_prefix(prefix.size());
        return true;
    }
    std::string take_name() {
        const auto size =
            std::min(x_rest.size(), x_rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
        REQUIRE(size > 0);
        std::string name(x_rest.substr(0, size));
        x_rest.remove_prefix(size);
        return name;
    }
    std::string take_quoted() {
        std::string value;
        while (!takes("\"")) {
            REQUIRE_FALSE(x_rest.empty());
            if (takes("\\n")) {
                value += '\n';
                continue;
            }
            if (takes("\\")) REQUIRE((x_rest.front() == '\\' || x_rest.front() == '"'));
            value += x_rest.front();
            x_rest.remove_prefix(1);
        }
        return value;
    }

    exposition x_result;
    std::string x_family;
    std::set<std::string> x_seen;
    std::string_view x_rest;
};

constexpr std::string_view peer_script =
    "import sys\n"
    "from prometheus_client.parser import text_string_to_metric_families as parse\n"
    "for family in parse(open(sys.argv[1], newline=\"\").read()):\n"
    "    print(\"family\", family.name, family.type)\n"
    "    for s in family.samples:\n"
    "        print(s.name, sorted(s.labels.items()), repr(s.value))\n";

// What the Prometheus project's own client for Python (Debian: python3-prometheus-client) reads.
std::string read_by_peer(const std::string& text) {
    std::string path = "/tmp/memring-prometheus-XXXXXX";
    const int file = ::mkstemp(path.data());
    REQUIRE(file >= 0);
    REQUIRE(::write(file, text.data(), text.size()) == static_cast<::ssize_t>(text.size()));
    ::close(file);
    const std::string command =
        "exec /usr/bin/python3 -c '" + std::string(peer_script) + "' " + path + " 2>&1";
    std::string output;
    FILE* const pipe = ::popen(command.c_str(), "r");
    REQUIRE(pipe != nullptr);
    for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
    const int status = ::pclose(pipe);
    ::unlink(path.c_str());
    CAPTURE(output);
    REQUIRE(status == 0);
    return output;
}

}  // namespace

TEST_CASE("the text for Prometheus keeps to the rules of its format") {
    const exposition told = exposition_reader().read(to_prometheus(two_nodes()));
    CHECK(told.types.at("memring_requests_total") == "counter");
    CHECK(told.types.at("memring_requests_in_flight") == "gauge");
    CHECK(told.types.at("memring_request_duration_seconds") == "histogram");
    for (const auto& [family, type] : told.types) {
        CHECK((type == "counter") == family.ends_with("_total"));
    }
}

TEST_CASE("the text for Prometheus tells what was counted") {
    const exposition told = exposition_reader().read(to_prometheus(two_nodes()));
    const std::string a = "10.0.0.1:11300";
    const std::string b = "/run/a \"b\"\\c\nd";
    CHECK(told.value_of("memring_requests_total", {{"node", a}}) == 10);
    CHECK(told.value_of("memring_hits_total", {{"node", a}}) == 4);
    CHECK(told.value_of("memring_misses_total", {{"node", a}}) == 2);
    CHECK(told.value_of("memring_requests_in_flight", {{"node", a}}) == 2);
    CHECK(told.value_of("memring_errors_total", {{"node", a}, {"kind", "timed_out"}}) == 2);
    CHECK(told.value_of("memring_errors_total", {{"node", a}, {"kind", "not_sent"}}) == 0);
    CHECK(told.value_of("memring_errors_total", {{"node", b}, {"kind", "not_sent"}}) == 1);
    CHECK(told.value_of("memring_sent_bytes_total", {{"node", a}}) == 200);
    CHECK(told.value_of("memring_received_bytes_total", {{"node", a}}) == 900);
    CHECK(told.value_of("memring_connections", {{"node", a}}) == 1);
    CHECK(told.value_of("memring_connects_total", {{"node", a}}) == 1);
    CHECK(told.value_of("memring_connect_failures_total", {{"node", b}}) == 1);
}

TEST_CASE("the histogram for Prometheus adds up") {
    const exposition told = exposition_reader().read(to_prometheus(two_nodes()));
    const std::string name = "memring_request_duration_seconds";
    double before = 0;
    double last_bound = 0;
    std::size_t buckets = 0;
    for (const sample& one : told.samples) {
        if (one.name != name + "_bucket" || one.labels.at("node") != "10.0.0.1:11300") continue;
        ++buckets;
        const double bound = std::strtod(one.labels.at("le").c_str(), nullptr);
        CHECK(bound > last_bound);
        CHECK(one.value >= before);
        CHECK(one.value == (bound < 150e-6 ? 0 : bound < 1.01 ? 6 : 8));
        last_bound = bound;
        before = one.value;
    }
    CHECK(buckets == 17);
    CHECK(last_bound > 1e300);  // +Inf
    const std::map<std::string, std::string> labels{{"node", "10.0.0.1:11300"}};
    CHECK(told.value_of(name + "_count", labels) == 8);
    CHECK(told.value_of(name + "_sum", labels) == doctest::Approx(2.0009));
}

TEST_CASE("a snapshot of nothing is families without samples") {
    const exposition told = exposition_reader().read(to_prometheus({}));
    CHECK(told.samples.empty());
    CHECK(told.types.size() > 10);
}

TEST_CASE("Prometheus's own parser reads the text") {
    const std::string read = read_by_peer(to_prometheus(two_nodes()));
    const auto tells = [&](std::string_view line) {
        CAPTURE(line);
        CHECK(("\n" + read).find("\n" + std::string(line) + "\n") != std::string::npos);
    };
    tells("family memring_requests counter");
    tells("family memring_requests_in_flight gauge");
    tells("family memring_request_duration_seconds histogram");
    tells("memring_requests_total [('node', '10.0.0.1:11300')] 10.0");
    tells(R"(memring_requests_total [('node', '/run/a "b"\\c\nd')] 1.0)");
    tells("memring_errors_total [('kind', 'timed_out'), ('node', '10.0.0.1:11300')] 2.0");
    tells(
        "memring_request_duration_seconds_bucket [('le', '0.0002'), ('node', '10.0.0.1:11300')] "
        "6.0");
    tells(
        "memring_request_duration_seconds_bucket [('le', '+Inf'), ('node', '10.0.0.1:11300')] 8.0");
    tells("memring_request_duration_seconds_count [('node', '10.0.0.1:11300')] 8.0");
}
