package attention

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/tensor"
)

func refuseSoftmax(format string, args ...any) {
	panic("attention: Softmax: " + fmt.Sprintf(format, args...))
}

// check panics where shapes do not fit.
func (o Softmax) check(tp *tensor.Tape, in *SoftmaxInput) {
	kv := o.KVHeads
	if kv == 0 {
		kv = o.Heads
	}
	if o.Heads < 1 || kv < 1 || o.Heads%kv != 0 {
		refuseSoftmax("%d heads of queries and %d of keys, want at least one, and a whole number of the first for each of the second", o.Heads, kv)
	}
	if !(o.Dropout >= 0 && o.Dropout < 1) {
		refuseSoftmax("dropout %v is outside [0, 1)", o.Dropout)
	}
	if o.SoftCap < 0 || o.Clamp < 0 || o.Decay.Window < 0 || o.Decay.Period < 0 || o.Decay.Radius < 0 || o.Decay.Exempt < 0 {
		refuseSoftmax("a negative limit: soft cap %v, clamp %v, decay %+v", o.SoftCap, o.Clamp, o.Decay)
	}
	if in.Query == nil || in.Key == nil || in.Value == nil {
		refuseSoftmax("want query, key and value")
	}
	rows, width := in.Query.Rows(), in.Query.Cols()
	if width == 0 || width%o.Heads != 0 {
		refuseSoftmax("heads %d do not divide the width of the queries, of shape %v", o.Heads, in.Query.Shape())
	}
	d := width / o.Heads
	keys := in.Keys
	if keys == nil {
		keys = in.Queries
	}
	checkOffsets("Queries", in.Queries, rows, len(in.Queries))
	checkOffsets("Keys", keys, in.Key.Rows(), len(in.Queries))
	keyRows := in.Key.Rows()
	wantShape("key", in.Key, keyRows, kv*d)
	if in.Value.Rows() != keyRows || in.Value.Cols() == 0 || in.Value.Cols()%kv != 0 {
		refuseSoftmax("value has shape %v, want [%d, %d times the value dim]", in.Value.Shape(), keyRows, kv)
	}
	in.RotateQuery.check("Softmax", "RotateQuery", rows, o.Heads, d)
	in.RotateKey.check("Softmax", "RotateKey", keyRows, kv, d)
	wantLen("QueryIndex", in.QueryIndex, rows)
	wantLen("KeyIndex", in.KeyIndex, keyRows)
	if c := in.Cache; c != nil {
		if tp.Recording() {
			refuseSoftmax("a cache cannot serve a pass that records gradients")
		}
		c.settle(len(keys)-1, kv, d, in.Value.Cols()/kv)
	}
	pairs, allKeys := 0, keyRows
	for b := 0; b+1 < len(keys); b++ {
		n, have := in.Queries[b+1]-in.Queries[b], keys[b+1]-keys[b]
		if in.Cache != nil {
			have += in.Cache.Len(b)
			allKeys += in.Cache.Len(b)
		}
		pairs += n * have
		if in.Cache == nil && in.KeyIndex != nil && in.QueryIndex == nil && n > have {
			refuseSoftmax("sequence %d has %d queries without QueryIndex, but only %d keys with KeyIndex", b, n, have)
		}
	}
	if r := in.Relative; r != nil {
		if r.Keys == nil || r.Keys.Rows() < 1 || r.Keys.Cols() != width {
			refuseSoftmax("relative keys have shape %s, want [places, %d]", shapeOf(r.Keys), width)
		}
		if r.Query != nil {
			wantShape("query of the relative keys", r.Query, rows, width)
		}
	}
	for n, b := range in.Biases {
		o.checkBias(n, b, pairs)
	}
	in.Mask.check(in, rows, allKeys, pairs)
}

// checkOffsets panics where offsets do not cut rows into sequences.
func checkOffsets(name string, offsets []int, rows, want int) {
	if len(offsets) == 0 || len(offsets) != want || offsets[0] != 0 || offsets[len(offsets)-1] != rows || !slices.IsSorted(offsets) {
		refuseSoftmax("the %d offsets %s do not rise from 0 to %d rows in %d sequences", len(offsets), name, rows, max(want-1, 0))
	}
}

func shapeOf(v *tensor.Var) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprint(v.Shape())
}

func wantShape(name string, v *tensor.Var, rows, cols int) {
	if v == nil || v.Rows() != rows || v.Cols() != cols {
		refuseSoftmax("%s has shape %s, want [%d %d]", name, shapeOf(v), rows, cols)
	}
}

// wantLen panics where a list that may be nil has not so many entries.
func wantLen(name string, list []int32, want int) {
	if list != nil && len(list) != want {
		refuseSoftmax("%s has %d entries, want %d", name, len(list), want)
	}
}

// checkBias panics where bias number n does not fit.
func (o Softmax) checkBias(n int, bias Bias, pairs int) {
	switch b := bias.(type) {
	case DenseBias:
		o.checkColumns(n, "values of a dense bias", b.Values, pairs)
	case TableBias:
		o.checkColumns(n, "the table of a table bias", b.Table, -1)
		if len(b.Index) != pairs {
			refuseSoftmax("bias %d: the index of a table bias has %d entries, want one for each of %d pairs", n, len(b.Index), pairs)
		}
		checkIndex(n, "index of a table bias", b.Index, b.Table.Rows(), math.MinInt32)
	case RelativeBias:
		o.checkColumns(n, "the table of a relative bias", b.Table, -1)
		if len(b.Rows) == 0 {
			refuseSoftmax("bias %d: a relative bias has no Rows", n)
		}
		checkIndex(n, "Rows of a relative bias", b.Rows, b.Table.Rows(), 0)
	case DistanceBias:
		if b.Slopes == nil || b.Slopes.Value().Size() != o.Heads {
			refuseSoftmax("bias %d: the slopes of a distance bias have shape %s, want [%d]", n, shapeOf(b.Slopes), o.Heads)
		}
		if b.Distance != nil && len(b.Distance) == 0 {
			refuseSoftmax("bias %d: a distance bias has a list of no distances", n)
		}
	default:
		refuseSoftmax("bias %d is a %T, want a DenseBias, TableBias, RelativeBias or DistanceBias", n, bias)
	}
}

// checkColumns panics where v has not rows rows, if these are not negative, and a column for every head or one for all.
func (o Softmax) checkColumns(n int, name string, v *tensor.Var, rows int) {
	if v == nil || rows >= 0 && v.Rows() != rows || v.Cols() != 1 && v.Cols() != o.Heads {
		want := "rows"
		if rows >= 0 {
			want = strconv.Itoa(rows)
		}
		refuseSoftmax("bias %d: %s has shape %s, want [%s %d] or [%s 1]", n, name, shapeOf(v), want, o.Heads, want)
	}
}

// checkIndex panics where an index names a row from rows on or below lowest.
func checkIndex(n int, name string, index []int32, rows, lowest int) {
	for k, r := range index {
		if int(r) >= rows || int(r) < lowest {
			refuseSoftmax("bias %d: the %s names row %d at %d, but the table has %d rows", n, name, r, k, rows)
		}
	}
}

// check panics where the mask does not fit.
func (m *Mask) check(in *SoftmaxInput, rows, keyRows, pairs int) {
	if w := m.Window; w != nil && (w.Back < 0 || w.Ahead < 0) {
		refuseSoftmax("the window %+v has a negative side", *w)
	}
	wantLen("QuerySegments", m.QuerySegments, rows)
	wantLen("KeySegments", m.KeySegments, keyRows)
	if m.KeySegments != nil && m.QuerySegments == nil {
		refuseSoftmax("KeySegments without QuerySegments")
	}
	if m.Trunk && m.QuerySegments == nil {
		refuseSoftmax("Trunk without QuerySegments: nothing tells which keys are the trunk's")
	}
	if m.KeySegments == nil && m.QuerySegments != nil && rows != keyRows {
		refuseSoftmax("QuerySegments of %d queries cannot stand for the %d keys' too: give KeySegments", rows, keyRows)
	}
	if p := m.Neighbours; p != nil && (in.Keys != nil || in.Cache != nil || !slices.Equal(p.Offsets, in.Queries)) {
		refuseSoftmax("Neighbours are of items %v, want those of the queries %v, which are the keys too", p.Offsets, in.Queries)
	}
	if m.Allow != nil && len(m.Allow) != pairs {
		refuseSoftmax("Allow has %d entries, want one for each of %d pairs", len(m.Allow), pairs)
	}
}
