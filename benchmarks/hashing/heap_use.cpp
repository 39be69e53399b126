// Replaces the global allocation functions of this program with ones that count bytes.

#include "heap_use.hpp"

#include <malloc.h>

#include <cstdlib>
#include <new>

namespace {

std::size_t bytes_held = 0;

void* counted(void* block) {
    if (block == nullptr) throw std::bad_alloc();
    bytes_held += malloc_usable_size(block);
    return block;
}

void release(void* block) noexcept {
    bytes_held -= malloc_usable_size(block);  // 0 for nullptr
    std::free(block);
}

void* allocate(std::size_t size) { return counted(std::malloc(size == 0 ? 1 : size)); }

void* allocate(std::size_t size, std::align_val_t alignment) {
    const auto step = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(step, (size + step - 1) / step * step));
}

}  // namespace

std::size_t memring::benchmark::heap_use() noexcept { return bytes_held; }

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t step) { return allocate(size, step); }
void* operator new[](std::size_t size, std::align_val_t step) { return allocate(size, step); }
void operator delete(void* block) noexcept { release(block); }
void operator delete[](void* block) noexcept { release(block); }
void operator delete(void* block, std::size_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t) noexcept { release(block); }
void operator delete(void* block, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::align_val_t) noexcept { release(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { release(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { release(block); }
