// What every program with Asio pays before it does anything.

#include <asio.hpp>

int main() {}
