#pragma once
// What second.cpp asks first.cpp for.

#include <system_error>

const std::error_category* category_of_first();
