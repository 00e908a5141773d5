package sequences

import (
	"errors"
	"fmt"
	"slices"

	"github.com/graft-ml/graft/encodings"
)

// Places says where the tokens of a sequence are, if not simply one after another. Set Orders, or Rank and Coords. They
// may stop before the sequence does, where a prompt stands before tokens that are yet to come; the rest follows on.
type Places struct {
	// Orders are the orders in which a table can be read: each gives every token its place, a permutation of 0, 1, 2, ...
	// All have the same length. Tokens beyond have the next places in every order.
	Orders [][]int32
	// Cells are the first token of the table and the first after it; the others are text around it. Two zeros mean that
	// all tokens are the table's.
	Cells [2]int
	// Rank is the number of coordinates of a token, and Coords [tokens, rank] are those. All coordinates of a token beyond
	// are one more than the largest before it, as in M-RoPE (Qwen2-VL).
	Rank   int
	Coords []float64
}

// known returns for how many tokens there are places; they are the first of their sequence.
func (p *Places) known() int {
	if len(p.Orders) > 0 {
		return len(p.Orders[0])
	}
	return len(p.Coords) / max(p.Rank, 1)
}

// check reports what is wrong with the places of a sequence of n tokens.
func (p *Places) check(n int) error {
	switch {
	case p == nil:
		return nil
	case len(p.Orders) > 0 && (p.Rank != 0 || len(p.Coords) > 0):
		return errors.New("places have both orders and coordinates: set one of them")
	case len(p.Orders) == 0 && (p.Rank < 1 || len(p.Coords)%p.Rank != 0):
		return fmt.Errorf("places have %d coordinates of rank %d, and no orders: want rank coordinates for every token", len(p.Coords), p.Rank)
	}
	for k, order := range p.Orders {
		if len(order) != p.known() {
			return fmt.Errorf("order %d has %d places, order 0 has %d: give each token one in every order", k, len(order), p.known())
		}
	}
	if p.Cells[0] < 0 || p.Cells[1] < p.Cells[0] || p.Cells[1] > p.known() || p.Rank != 0 && p.Cells[1] > 0 {
		return fmt.Errorf("the cells are tokens %d to %d of the %d that have places in orders", p.Cells[0], p.Cells[1], p.known())
	}
	if p.known() > n {
		return fmt.Errorf("there are places for %d tokens, of which there are %d", p.known(), n)
	}
	return nil
}

// placed is a sequence, or the first part of one, with its places and the first tokens of its branches.
type placed struct {
	ids      []int32
	places   *Places
	branches []int
}

// layout lays out sequences end to end. All must have places of one kind.
func layout(list []placed) (*encodings.Layout, error) {
	offsets := make([]int, len(list)+1)
	for b, s := range list {
		offsets[b+1] = offsets[b] + len(s.ids)
	}
	var first *Places
	for b, s := range list {
		if b == 0 {
			first = s.places
		}
		if err := alike(first, s.places); err != nil {
			return nil, fmt.Errorf("items 0 and %d of a batch: %w", b, err)
		}
	}
	l, err := plain(first, list, offsets)
	if err != nil {
		return nil, err
	}
	return withBranches(l, list)
}

// plain lays out sequences with places like those of the first, in which branches go on from one another; but coordinates
// begin anew.
func plain(first *Places, list []placed, offsets []int) (*encodings.Layout, error) {
	switch {
	case first == nil:
		return encodings.Sequences(offsets)
	case first.Rank > 0:
		var coords []float64
		for _, s := range list {
			coords = s.places.appendCoords(coords, len(s.ids), s.branches)
		}
		return encodings.AtPoints(offsets, 0, first.Rank, coords)
	}
	return inOrders(list, offsets)
}

// inOrders lays out tables.
func inOrders(list []placed, offsets []int) (*encodings.Layout, error) {
	orders := make([][]int32, len(list[0].places.Orders))
	for k := range orders {
		for _, s := range list {
			order := s.places.Orders[k]
			orders[k] = append(orders[k], order...)
			for t := len(order); t < len(s.ids); t++ {
				orders[k] = append(orders[k], int32(t))
			}
		}
	}
	l, err := encodings.InOrders(offsets, orders...)
	if err != nil {
		return nil, err
	}
	cells := make([][2]int, len(list))
	for b, s := range list {
		if cells[b] = s.places.Cells; cells[b] == [2]int{} {
			cells[b][1] = len(s.ids)
		}
	}
	return l.WithSpans(cells)
}

// appendCoords appends the coordinates of n tokens. Those beyond the places that are known go on one by one, in every
// branch from where the trunk ends.
func (p *Places) appendCoords(to []float64, n int, branches []int) []float64 {
	known := min(n, p.known())
	to = append(to, p.Coords[:known*p.Rank]...)
	next := 0.0
	if len(p.Coords) > 0 {
		next = slices.Max(p.Coords) + 1
	}
	behind := next
	for ; known < n; known++ {
		if k, first := slices.BinarySearch(branches, known); first {
			if k == 0 {
				behind = next
			}
			next = behind
		}
		for range p.Rank {
			to = append(to, next)
		}
		next++
	}
	return to
}

// alike returns an error where sequences of these places cannot be in one batch.
func alike(a, b *Places) error {
	switch {
	case (a == nil) != (b == nil):
		return errors.New("one has places and the other has none")
	case a == nil:
		return nil
	case a.Rank != b.Rank || len(a.Orders) != len(b.Orders):
		return fmt.Errorf("one has %d orders and rank %d, the other %d and %d", len(a.Orders), a.Rank, len(b.Orders), b.Rank)
	}
	return nil
}
