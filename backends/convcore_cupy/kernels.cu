// Direct convolution on canonical problems: y[n,g,o,p] = sum over c, k of x[n,g,c,i] w[g,o,c,k],
// with expansion * i = p * stride - lo + k * dilation along each convolved axis.
//
// _source.py writes above this text: RANK, the number of convolved axes; Index, a signed integer
// that holds every offset; and the elements, by one of
//   REAL      Element, summed in itself,
//   INTEGER   Element unsigned, summed in Sum, unsigned too and no narrower than unsigned int: it
//             wraps without undefined behaviour, and signed integers are the same bits,
//   COMPLEX   Part, that of a complex number's real and imaginary part.
//
// x has any strides, in elements; w and y are contiguous. No tap beyond the data is multiplied, or
// (in `gemm`) it meets a zero: what is not finite in x stays in the windows that touch it.

// CuPy compiles with -ftz=true, which these ignore: a subnormal sample may meet a large tap.
__device__ inline float fused(float a, float b, float c) { return __fmaf_ieee_rn(a, b, c); }
__device__ inline double fused(double a, double b, double c) { return __fma_rn(a, b, c); }

#if defined(COMPLEX)
struct Element {  // not aligned as a whole: a view of reals may begin anywhere
    Part re, im;
};
typedef Element Sum;
__device__ inline Sum nothing() {
    Sum zero = {0, 0};
    return zero;
}
__device__ inline void add_product(Sum& sum, Element a, Element b) {
    sum.re = fused(a.re, b.re, sum.re);
    sum.re = fused(a.im, fused(b.im, -1, -(Part)0), sum.re);  // a plain minus would flush too
    sum.im = fused(a.re, b.im, sum.im);
    sum.im = fused(a.im, b.re, sum.im);
}
__device__ inline void add(Sum& sum, Sum other) {
    sum.re = fused(other.re, 1, sum.re);
    sum.im = fused(other.im, 1, sum.im);
}
#elif defined(REAL)
typedef Element Sum;
__device__ inline Sum nothing() { return 0; }
__device__ inline void add_product(Sum& sum, Element a, Element b) { sum = fused(a, b, sum); }
__device__ inline void add(Sum& sum, Sum other) { sum = fused(other, 1, sum); }
#else
__device__ inline Sum nothing() { return 0; }
__device__ inline void add_product(Sum& sum, Element a, Element b) { sum += Sum(a) * Sum(b); }
__device__ inline void add(Sum& sum, Sum other) { sum += other; }
#endif

#define AXES (RANK > 0 ? RANK : 1)  // an array of none is no C++

struct Geometry {
    Index n, g, o, c;
    Index splits;  // parts of the sums, which the host adds up; only `gemm` makes more than one
    Index x[3];    // strides of n, g and c
    Index step[AXES], size[AXES], taps[AXES], out[AXES], stride[AXES], dilation[AXES], lo[AXES];
    // Of the taps that meet no zero of the expansion: from one to the next, and their samples.
    Index expansion[AXES], skip[AXES], advance[AXES];
};

__device__ inline Index product(const Index* values) {
    Index all = 1;
    for (int r = 0; r < RANK; ++r) all *= values[r];
    return all;
}

__device__ inline Index least(Index a, Index b) { return a < b ? a : b; }

// Along each axis, the taps that an output sums over: the first, how many, and its sample.
struct Window {
    Index tap[AXES], count[AXES], sample[AXES];
};

__device__ inline void set_window(Window& window, const Geometry& at, int r, Index p) {
    const Index start = p * at.stride[r] - at.lo[r], spread = at.expansion[r];
    const Index dilation = at.dilation[r], skip = at.skip[r];
    const Index after = (at.size[r] - 1) * spread - start;
    const Index end = after < 0 ? 0 : least(at.taps[r], after / dilation + 1);
    Index tap = start < 0 ? (-start + dilation - 1) / dilation : 0;
    // One of `skip` taps in a row meets a sample, if any does.
    for (Index i = 1; i < skip && tap < end && (start + tap * dilation) % spread != 0; ++i) ++tap;
    const Index place = start + tap * dilation;
    window.tap[r] = tap;
    window.sample[r] = place / spread;
    window.count[r] = tap < end && place % spread == 0 ? (end - tap + skip - 1) / skip : 0;
}

// The loops over the taps of axes R, R+1, ... RANK-1, for N outputs that sum over the same ones.
template <int R, int N>
struct Taps {
    static const int UNROLL = R == RANK - 1 ? 4 : 1;
    static __device__ inline void all(Sum* sums, const Element* const* from, Index offset,
                                      const Element* w, Index tap, const Geometry& at,
                                      const Window& window) {
        tap = tap * at.taps[R] + window.tap[R];
        const Index far = at.advance[R] * at.step[R];
#pragma unroll(UNROLL)
        for (Index left = window.count[R]; left > 0; --left) {
            Taps<R + 1, N>::all(sums, from, offset, w, tap, at, window);
            offset += far;
            tap += at.skip[R];
        }
    }
};
template <int N>
struct Taps<RANK, N> {
    static __device__ inline void all(Sum* sums, const Element* const* from, Index offset,
                                      const Element* w, Index tap, const Geometry&,
                                      const Window&) {
        const Element scale = w[tap];
#pragma unroll
        for (int j = 0; j < N; ++j) add_product(sums[j], from[j][offset], scale);
    }
};

// One output: which of the g * o filters makes it, the taps it sums over, and their first sample.
struct Output {
    Index filter;
    Window window;
    const Element* from;
};

__device__ inline void set_output(Output& output, const Element* x, Index place,
                                  const Geometry& at) {
#pragma unroll
    for (int r = RANK - 1; r >= 0; --r) {
        set_window(output.window, at, r, place % at.out[r]);
        x += output.window.sample[r] * at.step[r];
        place /= at.out[r];
    }
    output.filter = place % (at.g * at.o);
    output.from = x + place / (at.g * at.o) * at.x[0] + output.filter / at.o * at.x[1];
}

__device__ inline bool alike(const Output& a, const Output& b) {
    bool same = a.filter == b.filter;
    for (int r = 0; r < RANK; ++r)
        same = same && a.window.tap[r] == b.window.tap[r] && a.window.count[r] == b.window.count[r];
    return same;
}

template <int N>
__device__ inline void add_taps(Sum* sums, const Element* const* from, const Element* w,
                                const Output& output, const Geometry& at) {
    for (int j = 0; j < N; ++j) sums[j] = nothing();
    const Index count = product(at.taps);
    w += output.filter * at.c * count;
    for (Index c = 0; c < at.c; ++c)
        Taps<0, N>::all(sums, from, c * at.x[2], w + c * count, 0, at, output.window);
}

// N outputs to a thread, 32 apart, so that a warp reads and writes neighbours. Away from the edges
// they sum over the same taps, and then each tap is read once for all of them.
template <int N>
__device__ inline void outputs(const Element* x, const Element* w, Element* y,
                               const Geometry& at) {
    const long long warp = (blockIdx.x * (long long)blockDim.x + threadIdx.x) / 32;
    const long long place = warp * 32 * N + threadIdx.x % 32;
    const long long left = (long long)at.n * at.g * at.o * product(at.out) - place;
    if (left <= 0) return;
    Output one;
    Sum sums[N];
    const Element* from[N];
    set_output(one, x, (Index)place, at);
    from[0] = one.from;
    bool together = left > 32 * (N - 1);
#pragma unroll
    for (int j = 1; j < N; ++j) {
        Output other;
        set_output(other, x, together ? (Index)(place + 32 * j) : 0, at);
        together = together && alike(one, other);
        from[j] = other.from;
    }
    if (together) {
        add_taps<N>(sums, from, w, one, at);
#pragma unroll
        for (int j = 0; j < N; ++j) y[place + 32 * j] = (Element)sums[j];
        return;
    }
    for (int j = 0; j < N && 32 * j < left; ++j) {
        set_output(one, x, (Index)(place + 32 * j), at);
        add_taps<1>(sums, &one.from, w, one, at);
        y[place + 32 * j] = (Element)sums[0];
    }
}

// For few channels: one output to a thread, or four where there are enough of them.
extern "C" __global__ void __launch_bounds__(256)
    taps(const Element* __restrict__ x, const Element* __restrict__ w, Element* __restrict__ y,
         const Geometry at) {
    outputs<1>(x, w, y, at);
}

extern "C" __global__ void __launch_bounds__(256)
    taps_by_four(const Element* __restrict__ x, const Element* __restrict__ w,
                 Element* __restrict__ y, const Geometry at) {
    outputs<4>(x, w, y, at);
}

// An output to a block of 8 rows of 32 threads: where there are few of them, of many products. A
// row has the taps of the last axis (the channels, if there is no axis) for some of the others.
extern "C" __global__ void __launch_bounds__(256)
    dots(const Element* __restrict__ x, const Element* __restrict__ w, Element* __restrict__ y,
         const Geometry at) {
    __shared__ Sum sums[256];
    const int thread = threadIdx.x, lane = thread % 32, row = thread / 32;
    Index rest = (Index)blockIdx.x, rows = RANK > 0 ? at.c : 1;
    Window window;
#pragma unroll
    for (int r = RANK - 1; r >= 0; --r) {
        set_window(window, at, r, rest % at.out[r]);
        rest /= at.out[r];
        if (r < RANK - 1) rows *= window.count[r];
    }
    const Index filter = rest % (at.g * at.o), n = rest / (at.g * at.o), g = filter / at.o;
    const Index count = product(at.taps);
    x += n * at.x[0] + g * at.x[1];
    w += filter * at.c * count;
    Sum sum = nothing();
    for (Index i = row; i < rows; i += 8) {
#if RANK > 0
        Index rest = i, from = 0, tap = 0, scale = at.taps[RANK - 1];
#pragma unroll
        for (int r = RANK - 2; r >= 0; --r) {
            const Index k = rest % window.count[r];
            rest /= window.count[r];
            from += (window.sample[r] + k * at.advance[r]) * at.step[r];
            tap += (window.tap[r] + k * at.skip[r]) * scale;
            scale *= at.taps[r];
        }
        const int last = RANK - 1;
        from += rest * at.x[2] + window.sample[last] * at.step[last];
        tap += rest * scale + window.tap[last];
        const Index far = at.advance[last] * at.step[last];
        for (Index k = lane; k < window.count[last]; k += 32)
            add_product(sum, x[from + k * far], w[tap + k * at.skip[last]]);
#else
        for (Index c = lane; c < at.c; c += 32) add_product(sum, x[c * at.x[2]], w[c]);
#endif
    }
    sums[thread] = sum;
    for (int half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (thread < half) add(sums[thread], sums[thread + half]);
    }
    if (thread == 0) y[blockIdx.x] = (Element)sums[0];
}

// A matrix product without its matrix of windows, for axes without expansion: rows are output
// channels, columns are outputs, and each step of DEPTH gathers so many of the channels' taps. A
// thread has 4 rows and PER columns of a tile, 16 apart, so that neighbours read neighbouring
// banks.
#define DEPTH 16
#define PER (sizeof(Element) > 4 ? 4 : 8)
#define ROWS 64
#define COLUMNS (16 * PER)

extern "C" __global__ void __launch_bounds__(256)
    gemm(const Element* __restrict__ x, const Element* __restrict__ w, Element* __restrict__ y,
         const Geometry at) {
    __shared__ Element left[DEPTH][ROWS + 1], right[DEPTH][COLUMNS + 1];
    __shared__ Index from[DEPTH], reach[DEPTH][AXES];
    const int thread = threadIdx.x, tx = thread % 16, ty = thread / 16;
    const Index space = product(at.out), columns = at.n * space;
    const Index depth = at.c * product(at.taps);

    // This block's tile; neighbours share the kernel's rows.
    const Index across = (columns + COLUMNS - 1) / COLUMNS, down = (at.o + ROWS - 1) / ROWS;
    Index rest = (Index)blockIdx.x;
    const Index column0 = rest % across * COLUMNS;
    rest /= across;
    const Index row0 = rest % down * ROWS;
    rest /= down;
    const Index split = rest % at.splits, g = rest / at.splits;
    const Index part = ((depth + at.splits - 1) / at.splits + DEPTH - 1) / DEPTH * DEPTH;
    const Index begin = split * part, end = least(depth, begin + part);

    // The output whose windows this thread gathers: always the same column.
    const int mine = thread % COLUMNS;
    Index first[AXES], corner = g * at.x[1], p = column0 + mine;
    const bool gathers = p < columns;
#pragma unroll
    for (int r = RANK - 1; r >= 0; --r) {
        first[r] = p % at.out[r] * at.stride[r] - at.lo[r];
        p /= at.out[r];
        corner += first[r] * at.step[r];
    }
    corner += p * at.x[0];

    Sum sums[4][PER];
#pragma unroll
    for (int i = 0; i < 4; ++i)
#pragma unroll
        for (int j = 0; j < PER; ++j) sums[i][j] = nothing();

    for (Index k0 = begin; k0 < end; k0 += DEPTH) {
        if (thread < DEPTH) {  // where the taps of this step lie
            Index tap = k0 + thread, offset = 0;
#pragma unroll
            for (int r = RANK - 1; r >= 0; --r) {
                const Index reached = tap % at.taps[r] * at.dilation[r];
                tap /= at.taps[r];
                reach[thread][r] = reached;
                offset += reached * at.step[r];
            }
            from[thread] = offset + tap * at.x[2];
        }
        __syncthreads();  // and all have done with the tile before
#pragma unroll
        for (int i = 0; i < ROWS; i += 16) {
            const Index row = row0 + ty + i, k = k0 + tx;
            const bool inside = row < at.o && k < end;
            left[tx][ty + i] = inside ? w[(g * at.o + row) * depth + k] : (Element)nothing();
        }
        for (int k = thread / COLUMNS; k < DEPTH; k += 256 / COLUMNS) {
            bool inside = gathers && k0 + k < end;
#pragma unroll
            for (int r = 0; r < RANK; ++r) {
                const Index sample = first[r] + reach[k][r];
                inside = inside && sample >= 0 && sample < at.size[r];
            }
            right[k][mine] = inside ? x[corner + from[k]] : (Element)nothing();
        }
        __syncthreads();
#pragma unroll
        for (int k = 0; k < DEPTH; ++k) {
            Element a[4], b[PER];
#pragma unroll
            for (int i = 0; i < 4; ++i) a[i] = left[k][ty + 16 * i];
#pragma unroll
            for (int j = 0; j < PER; ++j) b[j] = right[k][tx + 16 * j];
#pragma unroll
            for (int i = 0; i < 4; ++i)
#pragma unroll
                for (int j = 0; j < PER; ++j) add_product(sums[i][j], a[i], b[j]);
        }
    }

#pragma unroll
    for (int j = 0; j < PER; ++j) {
        const Index column = column0 + tx + 16 * j;
        if (column >= columns) continue;
        const Index n = column / space, s = column % space;
#pragma unroll
        for (int i = 0; i < 4; ++i) {
            const Index row = row0 + ty + 16 * i;
            if (row < at.o)
                y[(((split * at.n + n) * at.g + g) * at.o + row) * space + s] = (Element)sums[i][j];
        }
    }
}

// Many small matrix products at once, y[b,f,m,n] = sum over k of a[b,f,m,k] c[b,f,k,n], with f
// fastest in memory: the spectra of several channels, multiplied. y is (b, m, n, f), contiguous.
struct Products {
    Index b, f, m, n, k;
    Index left[4], right[4];  // strides of (b, f, m, k) and of (b, f, k, n)
};

extern "C" __global__ void __launch_bounds__(256)
    products(const Element* __restrict__ a, const Element* __restrict__ c, Element* __restrict__ y,
             const Products at) {
    const long long place = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (place >= (long long)at.b * at.m * at.n * at.f) return;
    Index rest = (Index)place;
    const Index f = rest % at.f;
    rest /= at.f;
    const Index n = rest % at.n;
    rest /= at.n;
    const Index m = rest % at.m, b = rest / at.m;
    a += b * at.left[0] + f * at.left[1] + m * at.left[2];
    c += b * at.right[0] + f * at.right[1] + n * at.right[3];
    Sum sum = nothing();
    for (Index k = 0; k < at.k; ++k)
        add_product(sum, a[k * at.left[3]], c[k * at.right[2]]);
    y[place] = (Element)sum;
}
