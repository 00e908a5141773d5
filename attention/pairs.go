package attention

import (
	"errors"
	"fmt"
	"slices"
)

// Pairs says which ordered pairs (query, key) of a ragged batch attend, and in which rows their features lie. The pairs
// of a query are consecutive rows, queries follow each other in their order, and no pair joins two items.
// Make one with [FullPairs] or [SparsePairs].
type Pairs struct {
	// Offsets has items+1 entries: item b owns tokens Offsets[b] to Offsets[b+1].
	Offsets []int
	// RowStart has tokens+1 entries: query i owns rows RowStart[i] to RowStart[i+1].
	RowStart []int
	// Keys names the key of each row; nil where every token attends to all tokens of its item, in their order.
	Keys []int32

	units  []unit
	groups []int // group g is units groups[g] to groups[g+1]
	shared int   // key rows in all buffers of items that several groups work on
}

// unit is a tile of the kernels: consecutive queries of one item with at most unitRows rows, or a single query.
type unit struct {
	item, from, to int // queries from to to of the item
	// buffer is where the gradients of the item's keys are summed: -1 for the gradient itself, where all units of the
	// item are in one group; else the first row of a buffer, which units of one item in one group share.
	buffer int
}

// maxGroups bounds the number of groups, and with it the memory for the partial sums of weight gradients. Groups are
// what runs in parallel in the backward pass.
const maxGroups = 32

// unitRows bounds the rows of a unit, so that its pair features stay in the second-level cache: 384 rows of 64 + 128 +
// 64 numbers take 393 kB.
const unitRows = 384

// FullPairs returns the pairs of full attention within each item: n tokens make n*n rows, query-major.
func FullPairs(offsets []int) *Pairs {
	p := &Pairs{}
	p.Full(offsets)
	return p
}

// Full makes p what FullPairs returns, in the memory that p has.
func (p *Pairs) Full(offsets []int) {
	p.Offsets, p.Keys = offsets, nil
	p.RowStart = append(p.RowStart[:0], 0)
	for b := 0; b+1 < len(offsets); b++ {
		n := offsets[b+1] - offsets[b]
		for range n {
			p.RowStart = append(p.RowStart, p.RowStart[len(p.RowStart)-1]+n)
		}
	}
	p.split()
}

// SparsePairs returns pairs of a given pattern: keys[rowStart[i]:rowStart[i+1]] are the keys of query i, all of them
// tokens of the query's item. A query without keys gets zeros from attention. The error says which number does not fit.
func SparsePairs(offsets, rowStart []int, keys []int32) (*Pairs, error) {
	if len(offsets) == 0 {
		return nil, errors.New("attention: the offsets are empty: want items+1 numbers, the first of them 0")
	}
	if offsets[0] != 0 || !slices.IsSorted(offsets) {
		return nil, fmt.Errorf("attention: the offsets %v do not rise from 0", offsets)
	}
	tokens := offsets[len(offsets)-1]
	if len(rowStart) != tokens+1 || rowStart[0] != 0 || rowStart[tokens] != len(keys) {
		return nil, fmt.Errorf("attention: the row starts do not cover %d tokens and %d pairs", tokens, len(keys))
	}
	for i := range tokens {
		if rowStart[i+1] < rowStart[i] {
			return nil, fmt.Errorf("attention: the rows of query %d end before they start", i)
		}
	}
	for b := 0; b+1 < len(offsets); b++ {
		for i := offsets[b]; i < offsets[b+1]; i++ {
			for _, k := range keys[rowStart[i]:rowStart[i+1]] {
				if int(k) < offsets[b] || int(k) >= offsets[b+1] {
					return nil, fmt.Errorf("attention: key %d of query %d is not a token of item %d", k, i, b)
				}
			}
		}
	}
	p := &Pairs{Offsets: offsets, RowStart: rowStart, Keys: keys}
	p.split()
	return p, nil
}

// Tokens returns the number of tokens.
func (p *Pairs) Tokens() int { return len(p.RowStart) - 1 }

// Rows returns the number of pairs.
func (p *Pairs) Rows() int { return p.RowStart[len(p.RowStart)-1] }

// split cuts the queries into units and these into groups. The cut depends on the pairs alone.
func (p *Pairs) split() {
	p.units = p.units[:0]
	for b := 0; b+1 < len(p.Offsets); b++ {
		for from := p.Offsets[b]; from < p.Offsets[b+1]; {
			to := from + 1
			for to < p.Offsets[b+1] && p.RowStart[to+1]-p.RowStart[from] <= unitRows {
				to++
			}
			p.units = append(p.units, unit{item: b, from: from, to: to, buffer: -1})
			from = to
		}
	}
	p.group()
}

// group cuts the units into at most maxGroups groups of about the same number of rows. An item is divided only where
// it is larger than two groups.
func (p *Pairs) group() {
	target := (p.Rows() + maxGroups - 1) / maxGroups
	p.groups = append(p.groups[:0], 0)
	p.shared = 0
	rows := 0
	for k, u := range p.units {
		rows += p.RowStart[u.to] - p.RowStart[u.from]
		last := k+1 == len(p.units)
		ends := last || p.units[k+1].item != u.item
		if last || rows >= target && (ends || p.itemRows(u.item) > 2*target) {
			p.groups = append(p.groups, k+1)
			rows = 0
		}
	}
	for g := 0; g+1 < len(p.groups); g++ {
		for k := p.groups[g]; k < p.groups[g+1]; k++ {
			u := &p.units[k]
			first := k == 0 || p.units[k-1].item != u.item
			switch {
			case k > p.groups[g] && !first: // as the unit before, which is in the same group
				u.buffer = p.units[k-1].buffer
			case first && p.itemEnds(u.item, k, p.groups[g+1]):
				u.buffer = -1
			default:
				u.buffer = p.shared
				p.shared += p.itemTokens(u.item)
			}
		}
	}
}

func (p *Pairs) itemTokens(item int) int { return p.Offsets[item+1] - p.Offsets[item] }

func (p *Pairs) itemRows(item int) int {
	return p.RowStart[p.Offsets[item+1]] - p.RowStart[p.Offsets[item]]
}

// itemEnds reports whether the units of item, the first of which is k, end before unit end.
func (p *Pairs) itemEnds(item, k, end int) bool {
	for k < end && p.units[k].item == item {
		k++
	}
	return k == len(p.units) || p.units[k].item != item
}

// largest returns the number of rows of the largest unit and of the largest query.
func (p *Pairs) largest() (unit, query int) {
	for _, u := range p.units {
		unit = max(unit, p.RowStart[u.to]-p.RowStart[u.from])
	}
	for i := 0; i < p.Tokens(); i++ {
		query = max(query, p.RowStart[i+1]-p.RowStart[i])
	}
	return unit, query
}
