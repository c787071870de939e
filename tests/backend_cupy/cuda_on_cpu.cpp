// A block's threads are fibers, which run one after the other from barrier to barrier. Their order
// can be reversed: what a missing barrier would let through then shows.
#include "cuda_on_cpu.h"

#include <ucontext.h>

#include <memory>
#include <vector>

Coordinates gridDim, blockDim, blockIdx, threadIdx;

namespace {

const int STACK = 1 << 16;

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[STACK]};
    Coordinates thread;
    bool done;
};

ucontext_t scheduler;
std::vector<Fiber> fibers;
size_t current;
void (*body)(void**);
void** arguments;

void enter() {
    body(arguments);
    fibers[current].done = true;
    swapcontext(&fibers[current].context, &scheduler);
}

void run_block(bool reversed) {
    const size_t threads = size_t(blockDim.x) * blockDim.y * blockDim.z;
    if (fibers.size() < threads) fibers = std::vector<Fiber>(threads);
    for (size_t t = 0; t < threads; ++t) {
        Fiber& fiber = fibers[t];
        fiber.done = false;
        fiber.thread.x = t % blockDim.x;
        fiber.thread.y = t / blockDim.x % blockDim.y;
        fiber.thread.z = t / blockDim.x / blockDim.y;
        getcontext(&fiber.context);
        fiber.context.uc_stack.ss_sp = fiber.stack.get();
        fiber.context.uc_stack.ss_size = STACK;
        fiber.context.uc_link = nullptr;
        makecontext(&fiber.context, enter, 0);
    }
    for (size_t running = threads; running > 0;) {
        running = 0;
        for (size_t i = 0; i < threads; ++i) {
            current = reversed ? threads - 1 - i : i;
            if (fibers[current].done) continue;
            threadIdx = fibers[current].thread;
            swapcontext(&scheduler, &fibers[current].context);
            running += !fibers[current].done;
        }
    }
}

}  // namespace

extern "C" void on_cpu_wait() {
    const size_t mine = current;
    swapcontext(&fibers[mine].context, &scheduler);
    threadIdx = fibers[mine].thread;
}

extern "C" void on_cpu_launch(const unsigned* grid, const unsigned* block, int reversed,
                              void (*kernel)(void**), void** args) {
    gridDim = {grid[0], grid[1], grid[2]};
    blockDim = {block[0], block[1], block[2]};
    body = kernel, arguments = args;
    for (blockIdx.z = 0; blockIdx.z < gridDim.z; ++blockIdx.z)
        for (blockIdx.y = 0; blockIdx.y < gridDim.y; ++blockIdx.y)
            for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x) run_block(reversed);
}
