package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestPhiloxVectors holds the known-answer vectors that Random123 publishes for philox4x32-10, those whose counter has a
// high half of 0 as ours does; the rest of the function has no room for the others.
func TestPhiloxVectors(t *testing.T) {
	if got, want := philox(0, 0), [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}; got != want {
		t.Errorf("block 0 of key 0 is %08x, expected %08x", got, want)
	}
}

func TestRandomBits(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range sizes() {
			for _, counter := range []uint64{0, 1, 1<<32 - 9, 1<<64 - 3, 0x123456789abcdef0} {
				const key = 0xfeedfacecafebeef
				got, want := make([]uint32, n+1), make([]uint32, n)
				got[n] = 0xabad1dea
				randomBitsGo(want, key, counter)
				k.randomBits(got[:n], key, counter)
				for i := range want {
					if got[i] != want[i] {
						t.Fatalf("length %d, counter %#x, word %d: got %08x, expected %08x", n, counter, i, got[i], want[i])
					}
				}
				if got[n] != 0xabad1dea {
					t.Fatalf("length %d: written beyond the end", n)
				}
			}
		}
	})
}

func TestDropoutMask(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, n := range append(sizes(), 100000) {
			for _, p := range []float64{0, 1e-9, 0.1, 0.5, 0.999, 1} {
				const key, counter = 11, 5
				words := make([]uint32, n)
				randomBitsGo(words, key, counter)
				mask := newGuarded(n, 3)
				k.dropout(mask.s, key, counter, p)
				mask.check(t, "DropoutMask")
				zeros := 0
				for i, w := range words {
					want := float32(1 / (1 - p))
					if float64(w) < p*(1<<32) {
						want = 0
						zeros++
					}
					if mask.s[i] != want {
						t.Fatalf("p %v, length %d, element %d: got %v, expected %v", p, n, i, mask.s[i], want)
					}
				}
				if n == 100000 {
					if rate := float64(zeros) / float64(n); math.Abs(rate-p) > 5*math.Sqrt(p*(1-p)/float64(n)) {
						t.Errorf("p %v drops %v of the elements", p, rate)
					}
				}
			}
		}
	})
	for _, p := range []float64{-0.1, 1.5, math.NaN()} {
		mustPanic(t, "expected one in [0, 1]", func() { DropoutMask(make([]float32, 4), 0, 0, p) })
	}
}

// TestRandomBitsUniform is a coarse check that the words look uniform: bytes, and bits of neighbouring words.
func TestRandomBitsUniform(t *testing.T) {
	const n = 1 << 16
	words := make([]uint32, n)
	RandomBits(words, rand.Uint64(), 0)
	var bytes [256]float64
	agree := 0
	for i, w := range words {
		for s := 0; s < 32; s += 8 {
			bytes[w>>s&255]++
		}
		if i > 0 && (w^words[i-1])&1 == 0 {
			agree++
		}
	}
	var chi float64
	for _, x := range bytes {
		chi += (x - 4*n/256) * (x - 4*n/256) / (4 * n / 256)
	}
	if chi > 400 { // 255 degrees of freedom: beyond six standard deviations
		t.Errorf("chi-square of the bytes is %.1f", chi)
	}
	if math.Abs(float64(agree)-n/2) > 6*math.Sqrt(n)/2 {
		t.Errorf("%d of %d neighbours agree in their lowest bit", agree, n)
	}
}

func BenchmarkRandom(b *testing.B) {
	const n = 4096
	words, mask := make([]uint32, n), make([]float32, n)
	benchLevels(b, func(b *testing.B, k *kernels) {
		b.Run("RandomBits", func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				k.randomBits(words, 1, 2)
			}
		})
		b.Run("DropoutMask", func(b *testing.B) {
			b.SetBytes(4 * n)
			for b.Loop() {
				k.dropout(mask, 1, 2, 0.2)
			}
		})
	})
}
