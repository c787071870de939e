// CUDA's words for g++, without the standard's headers, which would take most of a compilation.

#define __global__
#define __device__
#define __shared__ static
#define __restrict__ __restrict
#define __launch_bounds__(threads)

struct Coordinates {
    unsigned x, y, z;
};
extern Coordinates gridDim, blockDim, blockIdx, threadIdx;

extern "C" void on_cpu_wait();
extern "C" void on_cpu_launch(const unsigned* grid, const unsigned* block, int reversed,
                              void (*kernel)(void**), void** args);

#define __syncthreads() on_cpu_wait()

inline float __fmaf_ieee_rn(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
inline double __fma_rn(double a, double b, double c) { return __builtin_fma(a, b, c); }

// As cuLaunchKernel takes them: an array of pointers to the arguments.
#define LAUNCHER(kernel, Shape)                                                               \
    static void call_##kernel(void** args) {                                                  \
        kernel(*(const Element**)args[0], *(const Element**)args[1], *(Element**)args[2],     \
               *(const Shape*)args[3]);                                                       \
    }                                                                                         \
    extern "C" void launch_##kernel(const unsigned* grid, const unsigned* block, void** args, \
                                    int reversed) {                                           \
        on_cpu_launch(grid, block, reversed, call_##kernel, args);                            \
    }
