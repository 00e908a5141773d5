package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// edgeCase is the edges of one node and the matrices that they read: 6 rows of other nodes, 9 of edges.
type edgeCase struct {
	n, cols        int
	nodeAt, edgeAt []int32
	w              []float32
	node           [][]float32 // [6, cols]
	edge           [][]float32 // [9, cols]
	own            [][]float32 // [cols]
}

const (
	caseNodes = 6
	caseEdges = 9
)

func newEdgeCase(n, cols int) edgeCase {
	rng := rand.New(rand.NewPCG(uint64(n), uint64(cols)))
	c := edgeCase{n: n, cols: cols, w: normals(n, 1)}
	for k := range n {
		c.nodeAt = append(c.nodeAt, int32(rng.IntN(caseNodes)))
		c.edgeAt = append(c.edgeAt, int32((k*4+1)%caseEdges)) // all different
	}
	for k := range uint64(3) {
		c.node = append(c.node, normals(caseNodes*cols, 10+k))
		c.edge = append(c.edge, normals(caseEdges*cols, 20+k))
		c.own = append(c.own, normals(cols, 30+k))
	}
	return c
}

func edgeCases() []edgeCase {
	var cases []edgeCase
	for cols := 1; cols <= 70; cols++ {
		cases = append(cases, newEdgeCase(3, cols))
	}
	for _, nc := range [][2]int{{1, 64}, {9, 64}, {5, 52}, {9, 96}, {3, 127}, {2, 128}, {7, 131}, {4, 256}, {2, 300}} {
		cases = append(cases, newEdgeCase(nc[0], nc[1]))
	}
	return cases
}

func (c *edgeCase) String() string { return fmt.Sprintf("%d edges, %d columns", c.n, c.cols) }

// at is element k of the row that edge r reads, in float64.
func (c *edgeCase) at(m []float32, index []int32, r, k int) float64 {
	return float64(m[int(index[r])*c.cols+k])
}

func TestSumRowsAt(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range edgeCases() {
			dst, relu := newGuarded(c.cols, 1).with(c.own[0]), newGuarded(c.cols, 2).with(c.own[0])
			k.sumRowsAt(dst.s, c.node[0], c.nodeAt, c.w, c.cols)
			k.sumReLUAt(relu.s, c.node[0], c.edge[0], c.nodeAt, c.edgeAt, c.w, c.cols)
			dst.check(t, c.String())
			relu.check(t, c.String())
			for j := range c.cols {
				sum, rectified := float64(c.own[0][j]), float64(c.own[0][j])
				size := math.Abs(sum)
				for r := range c.n {
					x, w := c.at(c.node[0], c.nodeAt, r, j), float64(c.w[r])
					e := c.at(c.edge[0], c.edgeAt, r, j)
					sum += w * x
					rectified += w * math.Max(x+e, 0)
					size += math.Abs(w) * (math.Abs(x) + math.Abs(e))
				}
				near(t, c.String(), dst.s[j], sum, 4e-7*size)
				near(t, c.String()+", rectified", relu.s[j], rectified, 4e-7*size)
			}
		}
	})
}

func TestSumReLUAtGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range edgeCases() {
			for _, add := range []bool{false, true} {
				what := fmt.Sprintf("%v, add %v", &c, add)
				x, e, dy := c.own[0], c.edge[0], c.node[0]
				c.own[0][0] = -float32(c.at(e, c.edgeAt, 0, 0)) // the kink
				dx, dw := newGuarded(c.cols, 1).with(c.own[1]), newGuarded(c.n, 0)
				de := newGuarded(caseEdges*c.cols, 2)
				if add {
					de = de.with(c.edge[1])
				}
				k.sumReLUAtGrad(dx.s, de.s, dw.s, x, e, dy, c.edgeAt, c.edgeAt, c.nodeAt, c.w, c.cols, addMask(add))
				for _, g := range []guarded{dx, dw, de} {
					g.check(t, what)
				}
				sums, sizes := make([]float64, c.cols), make([]float64, c.cols)
				for r := range c.n {
					dot, size := 0.0, 0.0
					for j := range c.cols {
						s, p := float64(x[j]+float32(c.at(e, c.edgeAt, r, j))), c.at(dy, c.nodeAt, r, j)
						g := float64(c.w[r]) * p
						if s <= 0 {
							s, g = 0, 0
						}
						dot, size = dot+s*p, size+math.Abs(s*p)
						sums[j], sizes[j] = sums[j]+g, sizes[j]+math.Abs(g)
						before := 0.0
						if add {
							before = c.at(c.edge[1], c.edgeAt, r, j)
						}
						near(t, what+" de", de.s[int(c.edgeAt[r])*c.cols+j], before+g, 2e-7*(math.Abs(before)+math.Abs(g)))
					}
					near(t, what+" dw", dw.s[r], dot, 2e-6*size)
				}
				for j := range sums {
					before := float64(c.own[1][j])
					near(t, what+" dx", dx.s[j], before+sums[j], 4e-7*(math.Abs(before)+sizes[j]))
				}
				checkOtherRows(t, what, de.s, c, add)
			}
		}
	})
}

// checkOtherRows holds that rows of edges that no edge of the case names are as they were.
func checkOtherRows(t *testing.T, what string, de []float32, c edgeCase, add bool) {
	t.Helper()
	named := map[int32]bool{}
	for _, i := range c.edgeAt {
		named[i] = true
	}
	for i := range int32(caseEdges) {
		for j := range c.cols {
			at := int(i)*c.cols + j
			if !named[i] && !add && de[at] == de[at] || !named[i] && add && de[at] != c.edge[1][at] {
				t.Fatalf("%s: row %d was written", what, i)
			}
		}
	}
}

func TestGateSumAt(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range edgeCases() {
			num, den := newGuarded(c.cols, 1).with(c.own[1]), newGuarded(c.cols, 2).with(c.own[2])
			z := newGuarded(caseEdges*c.cols, 1)
			k.gateSumAt(num.s, den.s, z.s, c.own[0], c.node[0], c.node[1], c.edge[0], c.nodeAt, c.edgeAt, c.w, c.cols)
			for _, g := range []guarded{num, den, z} {
				g.check(t, c.String())
			}
			for j := range c.cols {
				above, below := float64(c.own[1][j]), float64(c.own[2][j])
				size, all := math.Abs(above), math.Abs(below)
				for r := range c.n {
					gate := c.own[0][j] + float32(c.at(c.node[0], c.nodeAt, r, j)) + float32(c.at(c.edge[0], c.edgeAt, r, j))
					near(t, c.String()+" z", z.s[int(c.edgeAt[r])*c.cols+j], float64(gate), 0)
					s, b := float64(c.w[r])*sigmoid64(float64(gate)), c.at(c.node[1], c.nodeAt, r, j)
					above, below = above+s*b, below+s
					size, all = size+math.Abs(s*b), all+math.Abs(s)
				}
				near(t, c.String()+" num", num.s[j], above, 6e-7*size)
				near(t, c.String()+" den", den.s[j], below, 6e-7*all)
			}
			checkOtherRows(t, c.String(), z.s, c, false)
		}
	})
}

func TestGateSumAtGrad(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, c := range edgeCases() {
			z, out, u, mean, b := c.edge[0], c.edge[1], c.node[0], c.node[1], c.own[0]
			z[int(c.edgeAt[0])*c.cols], z[int(c.edgeAt[c.n-1])*c.cols+c.cols-1] = 90, -90
			de, db := newGuarded(c.cols, 1).with(c.own[1]), newGuarded(c.cols, 2).with(c.own[2])
			dw, dz := newGuarded(c.n, 1), newGuarded(caseEdges*c.cols, 0)
			k.gateSumAtGrad(de.s, db.s, dw.s, dz.s, z, out, b, u, mean, c.edgeAt, c.edgeAt, c.edgeAt, c.nodeAt, c.w, c.cols)
			for _, g := range []guarded{de, db, dw, dz} {
				g.check(t, c.String())
			}
			sums, values := make([]float64, 2*c.cols), make([]float64, 2*c.cols) // and their sizes
			for r := range c.n {
				dot, size := 0.0, 0.0
				for j := range c.cols {
					s, w := sigmoid64(c.at(z, c.edgeAt, r, j)), float64(c.w[r])
					su := s * c.at(u, c.nodeAt, r, j)
					q, scale := su*(float64(b[j])-c.at(mean, c.nodeAt, r, j)), math.Abs(su)*(math.Abs(float64(b[j]))+math.Abs(c.at(mean, c.nodeAt, r, j)))
					from := c.at(out, c.edgeAt, r, j)
					g := w*q*sigmoid64(-c.at(z, c.edgeAt, r, j)) + from
					near(t, c.String()+" dz", dz.s[int(c.edgeAt[r])*c.cols+j], g, 1e-6*(math.Abs(w)*scale+math.Abs(from)))
					dot, size = dot+q, size+scale
					sums[j], sums[c.cols+j] = sums[j]+g, sums[c.cols+j]+math.Abs(w)*scale+math.Abs(from)
					values[j], values[c.cols+j] = values[j]+w*su, values[c.cols+j]+math.Abs(w*su)
				}
				near(t, c.String()+" dw", dw.s[r], dot, 2e-6*size)
			}
			for j := range c.cols {
				before, value := float64(c.own[1][j]), float64(c.own[2][j])
				near(t, c.String()+" de", de.s[j], before+sums[j], 1e-6*(math.Abs(before)+sums[c.cols+j]))
				near(t, c.String()+" db", db.s[j], value+values[j], 1e-6*(math.Abs(value)+values[c.cols+j]))
			}
			checkOtherRows(t, c.String(), dz.s, c, false)
		}
	})
}

// TestMessagesNaN holds that NaN comes through a ReLU, forward and backward, and that large gates are 0 and 1.
func TestMessagesNaN(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, cols := range []int{1, 8, 16, 21} {
			at, w := []int32{0}, []float32{1}
			row := func(v float32) []float32 {
				x := make([]float32, cols)
				x[cols-1] = v
				return x
			}
			sum := row(0)
			k.sumReLUAt(sum, row(nan), row(0), at, at, w, cols)
			if sum[cols-1] == sum[cols-1] {
				t.Errorf("%d columns: the ReLU of NaN is %v", cols, sum[cols-1])
			}
			dx, de, dw := row(0), row(nan), row(0)
			k.sumReLUAtGrad(dx, de, dw, row(nan), row(0), row(1), at, at, at, w, cols, addMask(false))
			if dx[cols-1] != 1 || de[cols-1] != 1 || dw[0] == dw[0] {
				t.Errorf("%d columns: the gradients at NaN are %v, %v and %v", cols, dx[cols-1], de[cols-1], dw[0])
			}
			for gate, want := range map[float32]float32{inf: 1, -inf: 0, 1e30: 1, -1e30: 0} {
				num, den := row(0), row(0)
				k.gateSumAt(num, den, row(0), row(gate), row(0), row(3), row(0), at, at, w, cols)
				if num[cols-1] != 3*want || den[cols-1] != want {
					t.Errorf("%d columns: a gate of %v gives %v / %v", cols, gate, num[cols-1], den[cols-1])
				}
			}
		}
	})
}

// TestMessagesInPieces holds that a list of edges gives the same bits in pieces.
func TestMessagesInPieces(t *testing.T) {
	c := newEdgeCase(9, 52)
	all, parts := make([]float32, 2*c.cols), make([]float32, 2*c.cols)
	run := func(dst []float32, lo, hi int) {
		SumRowsAt(dst[:c.cols], c.node[0], c.nodeAt[lo:hi], c.w[lo:hi], c.cols)
		SumReLUAt(dst[c.cols:], c.node[0], c.edge[0], c.nodeAt[lo:hi], c.edgeAt[lo:hi], c.w[lo:hi], c.cols)
	}
	run(all, 0, 9)
	run(parts, 0, 4)
	run(parts, 4, 4)
	run(parts, 4, 9)
	sameBits(t, "sums in pieces", parts, all)
}

func TestLargestRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, k *kernels) {
		for _, shape := range rowShapes() {
			rows, cols := shape[0], shape[1]
			a := normals(rows*cols, 1)
			for i := range a {
				a[i] = float32(math.Round(float64(a[i]) * 2)) // with ties
			}
			a[len(a)-1], a[len(a)/2] = nan, inf
			top, at := newGuarded(cols, 1), newGuarded(cols, 2)
			clear(top.s)
			clear(at.s)
			k.largestRows(top.s, at.s, a, rows, cols, 70)
			what := fmt.Sprintf("[%d, %d]", rows, cols)
			top.check(t, what)
			at.check(t, what)
			for c := range cols {
				want, place := float32(0), uint32(0)
				for r := range rows {
					if v := a[r*cols+c]; v > want || v != v {
						want, place = v, uint32(70+r)
					}
				}
				if got := math.Float32bits(at.s[c]); got != place || (top.s[c] != want && want == want) {
					t.Fatalf("%s, column %d: %v at %d, expected %v at %d", what, c, top.s[c], got, want, place)
				}
			}
		}
	})
}

func TestMessagesPanics(t *testing.T) {
	x, at, bad := make([]float32, 8), []int32{0, 1}, []int32{0, 2}
	mustPanic(t, "simd: SumRowsAt: idx[1] is 2, but x has 2 rows", func() { SumRowsAt(x, x, bad, x, 4) })
	mustPanic(t, "simd: SumRowsAt: w has 1 elements", func() { SumRowsAt(x, x, at, x[:1], 4) })
	mustPanic(t, "simd: SumReLUAt: idx[1] is 2, but e has 2 rows", func() { SumReLUAt(x, x, x, at, bad, x, 4) })
	mustPanic(t, "simd: SumReLUAt: slices of lengths 2 and 1", func() { SumReLUAt(x, x, x, at, bad[:1], x, 4) })
	mustPanic(t, "but dy has 2 rows", func() { SumReLUAtGrad(x, x, x, x, x, x, at, at, bad, x, 4, false) })
	mustPanic(t, "but de has 2 rows", func() { SumReLUAtGrad(x, x, x, x, x, x, at, bad, at, x, 4, false) })
	mustPanic(t, "but z has 2 rows", func() { GateSumAt(x, x, x, x, x, x, x, at, bad, x, 4) })
	mustPanic(t, "but e has 2 rows", func() { GateSumAt(x, x, x, x, x, x, x, bad, at, x, 4) })
	mustPanic(t, "but u has 2 rows", func() { GateSumAtGrad(x, x, x, x, x, x, x, x, x, at, at, at, bad, x, 4) })
	mustPanic(t, "but dzOut has 2 rows", func() { GateSumAtGrad(x, x, x, x, x, x, x, x, x, at, at, bad, at, x, 4) })
	mustPanic(t, "simd: LargestRows: a has 8 elements", func() { LargestRows(x, x, x, 3, 4, 0) })
	for name, f := range map[string]func(dw []float32){ // no columns
		"SumReLUAtGrad": func(dw []float32) { SumReLUAtGrad(nil, nil, dw, nil, nil, nil, at, at, at, x, 0, false) },
		"GateSumAtGrad": func(dw []float32) { GateSumAtGrad(nil, nil, dw, nil, nil, nil, nil, nil, nil, at, at, at, at, x, 0) },
	} {
		dw := []float32{1, 2}
		f(dw)
		sameBits(t, name, dw, []float32{0, 0})
	}
}

// BenchmarkMessageKernels is the kernels for a node of three edges and for one of many. Those that end in Parts are what the
// other kernels of the package would do.
func BenchmarkMessageKernels(b *testing.B) {
	for _, n := range []int{3, 64} {
		for _, cols := range []int{32, 64, 128} {
			c := edgeCase{n: n, cols: cols, w: normals(n, 1), nodeAt: make([]int32, n), edgeAt: make([]int32, n)}
			for k := range n {
				c.nodeAt[k], c.edgeAt[k] = int32(k*7%64), int32(k*5%64)
			}
			m := make([][]float32, 9)
			for k := range m {
				m[k] = normals(64*cols, uint64(k))
			}
			for name, f := range map[string]func(k *kernels){
				"SumRowsAt": func(k *kernels) { k.sumRowsAt(m[0], m[1], c.nodeAt, c.w, cols) },
				"SumRowsAtParts": func(k *kernels) {
					GatherRows(m[2], m[1], c.nodeAt, cols)
					k.headSum(m[0], c.w, m[2], n, 1, cols, cols)
				},
				"SumReLUAtParts": func(k *kernels) {
					GatherRows(m[3][:n*cols], m[1], c.nodeAt, cols)
					k.scatterAddRows(m[3], m[2], c.edgeAt[:min(n, len(m[3])/cols)], cols)
					k.relu(m[3][:n*cols], m[3][:n*cols])
					k.headSum(m[0], c.w, m[3], n, 1, cols, cols)
				},
				"GateSumAtParts": func(k *kernels) {
					GatherRows(m[7][:n*cols], m[4], c.nodeAt, cols)
					GatherRows(m[8][:n*cols], m[6], c.edgeAt, cols)
					k.add(m[7][:n*cols], m[7][:n*cols], m[8][:n*cols])
					k.addRow(m[7], m[7], m[3], n, cols)
					copy(m[2], m[7][:n*cols])
					k.sigmoid(m[7][:n*cols], m[7][:n*cols])
					GatherRows(m[8][:n*cols], m[5], c.nodeAt, cols)
					k.headSum(m[1], c.w, m[7], n, 1, cols, cols)
					k.mul(m[8][:n*cols], m[8][:n*cols], m[7][:n*cols])
					k.headSum(m[0], c.w, m[8], n, 1, cols, cols)
				},
				"SumReLUAt": func(k *kernels) { k.sumReLUAt(m[0], m[1], m[2], c.nodeAt, c.edgeAt, c.w, cols) },
				"SumReLUAtGrad": func(k *kernels) {
					k.sumReLUAtGrad(m[0], m[1], m[2], m[3], m[4], m[5], c.edgeAt, c.edgeAt, c.nodeAt, c.w, cols, 0)
				},
				"GateSumAt": func(k *kernels) {
					k.gateSumAt(m[0], m[1], m[2], m[3], m[4], m[5], m[6], c.nodeAt, c.edgeAt, c.w, cols)
				},
				"GateSumAtGrad": func(k *kernels) {
					k.gateSumAtGrad(m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], c.edgeAt, c.edgeAt, c.edgeAt, c.nodeAt, c.w, cols)
				},
			} {
				b.Run(fmt.Sprintf("%s/%dx%d", name, n, cols), func(b *testing.B) {
					benchLevels(b, func(b *testing.B, k *kernels) {
						for b.Loop() {
							f(k)
							clear(m[0][:cols])
							clear(m[1][:cols])
						}
						b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/edge")
					})
				})
			}
		}
	}
}
