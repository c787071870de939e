// CUDA's words for g++: a block's threads are fibers, which run one after the other from barrier to
// barrier. Their order can be reversed: what a missing barrier would let through then shows.
#include <ucontext.h>

#include <cmath>
#include <functional>
#include <memory>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __restrict__ __restrict
#define __launch_bounds__(threads)

using std::fma;

struct Coordinates {
    unsigned x = 0, y = 0, z = 0;
};
static Coordinates gridDim, blockDim, blockIdx, threadIdx;

namespace on_cpu {

struct Fiber {
    ucontext_t context;
    std::unique_ptr<char[]> stack{new char[SIZE]};
    Coordinates thread;
    bool done = false;
    static const int SIZE = 1 << 16;
};

static ucontext_t scheduler;
static std::vector<Fiber> fibers;
static size_t current;
static const std::function<void()>* body;

static void enter() {
    (*body)();
    fibers[current].done = true;
    swapcontext(&fibers[current].context, &scheduler);
}

static void wait() {
    swapcontext(&fibers[current].context, &scheduler);
    threadIdx = fibers[current].thread;
}

static void run_block(bool reversed) {
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
        fiber.context.uc_stack.ss_size = Fiber::SIZE;
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

static void launch(const unsigned* grid, const unsigned* block, int reversed,
                   const std::function<void()>& kernel) {
    gridDim.x = grid[0], gridDim.y = grid[1], gridDim.z = grid[2];
    blockDim.x = block[0], blockDim.y = block[1], blockDim.z = block[2];
    body = &kernel;
    for (blockIdx.z = 0; blockIdx.z < gridDim.z; ++blockIdx.z)
        for (blockIdx.y = 0; blockIdx.y < gridDim.y; ++blockIdx.y)
            for (blockIdx.x = 0; blockIdx.x < gridDim.x; ++blockIdx.x) run_block(reversed);
}

}  // namespace on_cpu

#define __syncthreads() on_cpu::wait()

// As cuLaunchKernel takes them: an array of pointers to the arguments.
#define LAUNCHER(kernel, Shape)                                                               \
    extern "C" void launch_##kernel(const unsigned* grid, const unsigned* block, void** args, \
                                    int reversed) {                                           \
        on_cpu::launch(grid, block, reversed, [&] {                                           \
            kernel(*(const Element**)args[0], *(const Element**)args[1], *(Element**)args[2], \
                   *(const Shape*)args[3]);                                                   \
        });                                                                                   \
    }
