package attention_test

import (
	"math"
	"math/rand/v2"
)

// softReference is the quadratic softmax attention in float64, and its gradients: what the kernel is held against.
type softReference struct {
	heads, kv, d, dv int
	queries, keys    []int // offsets
	scale            float64
	softCap, clamp   float64
	decay            func(distance, key, keys int) float64 // nil: none

	in map[string][]float64 // query, key, value, anglesQ, anglesK, relative, relativeQuery, dense, table, t5, slopes

	qPlace, kPlace []int32

	pairs              int
	apart, interleaved bool

	relativeMin, relativePlaces int

	denseCols  int
	tableIndex []int32
	tableRows  int
	tableCols  int
	t5Rows     []int32
	t5Min      int
	t5Table    int
	t5Cols     int
	distance   []float32

	allowed func(b, i, j int) bool // sequence, query and key within it; nil: all

	drop func(b, i, j, h int) float64 // nil: 1

	gout  []float64
	terms []term // of a pair, used again
}

func (r *softReference) group() int { return r.heads / r.kv }

// turned returns x [rows, heads*d], turned by angles.
func (r *softReference) turned(x, angles []float64, heads int) []float64 {
	if angles == nil {
		return x
	}
	out := append([]float64(nil), x...)
	r.eachPair(len(x)/(heads*r.d), heads, func(u, v, a int) {
		s, c := math.Sincos(angles[a])
		out[u], out[v] = x[u]*c-x[v]*s, x[v]*c+x[u]*s
	})
	return out
}

// eachPair calls f with the places of the channels of each pair and of its angle.
func (r *softReference) eachPair(rows, heads int, f func(u, v, a int)) {
	for i := range rows {
		for h := range heads {
			for p := range r.pairs {
				u, v := p, p+r.pairs
				if r.interleaved {
					u, v = 2*p, 2*p+1
				}
				a := i*r.pairs + p
				if r.apart {
					a = (i*heads+h)*r.pairs + p
				}
				at := (i*heads + h) * r.d
				f(at+u, at+v, a)
			}
		}
	}
}

// turnedBack adds to dx and dAngles what the gradient dy of the turned y brings.
func (r *softReference) turnedBack(dx, dAngles, y, dy, angles []float64, heads int) {
	for n, g := range dy {
		dx[n] += g
	}
	if angles == nil {
		return
	}
	r.eachPair(len(dx)/(heads*r.d), heads, func(u, v, a int) {
		s, c := math.Sincos(angles[a])
		dx[u] += dy[u]*c + dy[v]*s - dy[u]
		dx[v] += dy[v]*c - dy[u]*s - dy[v]
		dAngles[a] += dy[v]*y[u] - dy[u]*y[v]
	})
}

// softResult is what the reference computes.
type softResult struct {
	out, weights []float64
	grads        map[string][]float64
	summed       map[string]float64 // the magnitudes of all that the gradients of biases are sums of
}

// run computes the attention, and its gradients where back is set.
func (r *softReference) run(back bool) softResult {
	q := r.turned(r.in["query"], r.in["anglesQ"], r.heads)
	k := r.turned(r.in["key"], r.in["anglesK"], r.kv)
	res := softResult{out: make([]float64, r.queries[len(r.queries)-1]*r.heads*r.dv), grads: map[string][]float64{}, summed: map[string]float64{}}
	for name, x := range r.in {
		if x != nil {
			res.grads[name] = make([]float64, len(x))
		}
	}
	dq, dk := make([]float64, len(q)), make([]float64, len(k))
	pair := 0
	for b := 0; b+1 < len(r.queries); b++ {
		n, keys := r.queries[b+1]-r.queries[b], r.keys[b+1]-r.keys[b]
		w := make([]float64, n*keys*r.heads)
		for h := range r.heads {
			for i := range n {
				r.row(&res, w, q, k, dq, dk, b, h, i, pair+i*keys, back)
			}
		}
		res.weights = append(res.weights, w...)
		pair += n * keys
	}
	if back {
		r.turnedBack(res.grads["query"], res.grads["anglesQ"], q, dq, r.in["anglesQ"], r.heads)
		r.turnedBack(res.grads["key"], res.grads["anglesK"], k, dk, r.in["anglesK"], r.kv)
	}
	return res
}

// term is a number that is added to a score, and where its gradient goes.
type term struct {
	name   string
	at     int
	factor float64
}

// biases returns the biases of a pair.
func (r *softReference) biases(pair, difference, h int) []term {
	list := r.terms[:0]
	if r.in["dense"] != nil {
		list = append(list, term{"dense", pair*r.denseCols + h%r.denseCols, 1})
	}
	if r.in["table"] != nil && r.tableIndex[pair] >= 0 {
		list = append(list, term{"table", int(r.tableIndex[pair])*r.tableCols + h%r.tableCols, 1})
	}
	if r.in["t5"] != nil {
		row := r.t5Rows[min(max(difference-r.t5Min, 0), len(r.t5Rows)-1)]
		list = append(list, term{"t5", int(row)*r.t5Cols + h%r.t5Cols, 1})
	}
	if r.in["slopes"] != nil {
		far := max(difference, -difference)
		counts := float64(far)
		if r.distance != nil {
			counts = float64(r.distance[min(far, len(r.distance)-1)])
		}
		list = append(list, term{"slopes", h, -counts})
	}
	r.terms = list
	return list
}

// row does one query of a head.
func (r *softReference) row(res *softResult, w, q, k, dq, dk []float64, b, h, i, pair int, back bool) {
	first, keys := r.keys[b], r.keys[b+1]-r.keys[b]
	qi := (r.queries[b] + i) * r.heads * r.d
	qi += h * r.d
	rq, dRq := r.in["query"], res.grads["query"]
	if r.in["relativeQuery"] != nil {
		rq, dRq = r.in["relativeQuery"], res.grads["relativeQuery"]
	}
	scores, slopes := make([]float64, keys), make([]float64, keys)
	relative := make([]int, keys)
	top := math.Inf(-1)
	at := func(j int) (kj, vj int) {
		kj = (first+j)*r.kv + h/r.group()
		return kj * r.d, kj * r.dv
	}
	for j := range keys {
		if r.allowed != nil && !r.allowed(b, i, j) {
			scores[j] = math.Inf(-1)
			continue
		}
		kj, _ := at(j)
		s := 0.0
		for c := range r.d {
			s += q[qi+c] * k[kj+c]
		}
		difference := int(r.kPlace[first+j]) - int(r.qPlace[r.queries[b]+i])
		if rel := r.in["relative"]; rel != nil {
			t := min(max(difference-r.relativeMin, 0), r.relativePlaces-1)
			relative[j] = (t*r.heads + h) * r.d
			for c := range r.d {
				s += rq[qi+c] * rel[relative[j]+c]
			}
		}
		s *= r.scale
		slope := 1.0
		if r.softCap > 0 {
			t := math.Tanh(s / r.softCap)
			s, slope = r.softCap*t, 1-t*t
		}
		if r.clamp > 0 && math.Abs(s) > r.clamp {
			s, slope = math.Copysign(r.clamp, s), 0
		}
		if r.decay != nil && s > 0 {
			f := r.decay(max(difference, -difference), j, keys)
			s, slope = s*f, slope*f
		}
		for _, t := range r.biases(pair+j, difference, h) {
			s += t.factor * r.in[t.name][t.at]
		}
		scores[j], slopes[j] = s, slope
		top = max(top, s)
	}
	sum := 0.0
	for _, s := range scores {
		if !math.IsInf(top, -1) {
			sum += math.Exp(s - top)
		}
	}
	if sum == 0 {
		return
	}
	out := res.out[((r.queries[b]+i)*r.heads+h)*r.dv:][:r.dv]
	v, dv := r.in["value"], res.grads["value"]
	p, dp, dropped := make([]float64, keys), make([]float64, keys), make([]float64, keys)
	mean := 0.0
	for j := range keys {
		p[j] = math.Exp(scores[j]-top) / sum
		w[(i*keys+j)*r.heads+h] = p[j]
		_, vj := at(j)
		dropped[j] = 1
		if r.drop != nil {
			dropped[j] = r.drop(b, i, j, h)
		}
		for c := range r.dv {
			out[c] += p[j] * dropped[j] * v[vj+c]
		}
		if !back {
			continue
		}
		for c := range r.dv {
			g := r.gout[((r.queries[b]+i)*r.heads+h)*r.dv+c]
			dp[j] += g * v[vj+c] * dropped[j]
			dv[vj+c] += g * p[j] * dropped[j]
		}
		mean += p[j] * dp[j]
	}
	for j := 0; back && j < keys; j++ {
		ds := p[j] * (dp[j] - mean)
		if p[j] == 0 {
			continue
		}
		difference := int(r.kPlace[first+j]) - int(r.qPlace[r.queries[b]+i])
		for _, t := range r.biases(pair+j, difference, h) {
			res.grads[t.name][t.at] += t.factor * ds
			res.summed[t.name] += math.Abs(t.factor * ds)
		}
		ds *= slopes[j] * r.scale
		kj, _ := at(j)
		for c := range r.d {
			dq[qi+c] += ds * k[kj+c]
			dk[kj+c] += ds * q[qi+c]
			if rel := r.in["relative"]; rel != nil {
				dRq[qi+c] += ds * rel[relative[j]+c]
				res.grads["relative"][relative[j]+c] += ds * rq[qi+c]
			}
		}
	}
}

// normals returns n normal numbers, rounded to float32.
func normals(rng *rand.Rand, n int, scale float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(float32(rng.NormFloat64() * scale))
	}
	return x
}
