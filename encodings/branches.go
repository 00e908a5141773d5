package encodings

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/tensor"
)

// Branching is what an [Encoder] has that can tell whether it serves layouts with branches, see [Layout.WithBranches]:
// one that goes by the places of tokens alone, and not by how they lie.
type Branching interface {
	// Branches returns why the encoder cannot serve branches; nothing where it can.
	Branches() string
}

// Begin starts a pass of an encoder as [Encoder.Begin] does, and refuses branches on behalf of those that cannot serve
// them, or do not say that they can. name is the encoding's, for the message.
func Begin(tp *tensor.Tape, name string, e Encoder, l *Layout) (Positions, error) {
	if l.Branches != nil {
		why := "it does not say that it goes by the places of tokens alone, which begin anew in every branch"
		if b, ok := e.(Branching); ok {
			why = b.Branches()
		}
		if why != "" {
			return nil, l.Refuse(name, why+": lay out each branch behind the trunk as an item of its own")
		}
	}
	return e.Begin(tp, l)
}

// WithBranches returns the layout with items that are a trunk and branches: several continuations of one beginning, which
// see it and themselves, and nothing of one another. branches [tokens] is 0 for the tokens of the trunk, which come first,
// then 1 for those of the first branch, and so on. Of sequences, and in all orders of a table, the places of each branch
// begin behind the trunk, so that every branch is what it would be alone; the coordinates of points are to have it so
// already.
//
// A model that serves such a layout takes the mask from [Layout.Causal] and starts its passes by [Begin].
func (l *Layout) WithBranches(branches []int32) (*Layout, error) {
	switch {
	case l.Kind == Grid || l.Kind == Graph || l.Past != nil || l.Memory != nil:
		return nil, fmt.Errorf("encodings: layout: branches in %v: want whole sequences, tables or points", l)
	case len(branches) != l.Tokens():
		return nil, fmt.Errorf("encodings: layout: the branches of %d tokens for %d", len(branches), l.Tokens())
	}
	with := *l
	with.Branches = branches
	if err := with.checkBranches(); err != nil {
		return nil, err
	}
	shift := with.shifts()
	if l.Kind != Points {
		with.Coords = slices.Clone(l.Coords)
		for t, by := range shift {
			with.Coords[t] -= float64(by)
		}
	}
	with.Orders = make([][]int32, len(l.Orders))
	for k, order := range l.Orders {
		with.Orders[k] = slices.Clone(order)
		for t, by := range shift {
			with.Orders[k][t] -= by
		}
	}
	return &with, nil
}

// checkBranches reports branches that do not follow one another, as they lie or in an order.
func (l *Layout) checkBranches() error {
	for b := range l.Items() {
		lo, hi := l.Offsets[b], l.Offsets[b+1]
		last := int32(0)
		for t := lo; t < hi; t++ {
			if n := l.Branches[t]; n != last && n != last+1 {
				return fmt.Errorf("encodings: layout: token %d of item %d is in branch %d and comes behind one of branch %d: want the trunk, 0, then branches 1, 2, ... one after another", t-lo, b, n, last)
			}
			last = l.Branches[t]
			for k, order := range l.Orders {
				if at := l.Branches[lo+int(order[t])]; at != last {
					return fmt.Errorf("encodings: layout: order %d gives token %d of item %d, of branch %d, the place %d, which belongs to branch %d: want branches to follow one another in every order alike",
						k, t-lo, b, last, order[t], at)
				}
			}
		}
	}
	return nil
}

// shifts returns by how much less the place of every token is than it would be if branches went on from one another,
// [tokens]; nil where there are no branches.
func (l *Layout) shifts() []int32 {
	if l.Branches == nil {
		return nil
	}
	shift := make([]int32, l.Tokens())
	for b := range l.Items() {
		var trunk, begin int32
		for t := l.Offsets[b]; t < l.Offsets[b+1]; t++ {
			at, n := int32(t-l.Offsets[b]), l.Branches[t]
			if n > 0 && (at == 0 || n != l.Branches[t-1]) {
				if begin = at; n == 1 {
					trunk = at
				}
			}
			if n > 0 {
				shift[t] = begin - trunk
			}
		}
	}
	return shift
}

// Causal returns the mask of a decoder: keys that come before the query, in its own branch or the trunk where the layout
// has branches.
func (l *Layout) Causal() attention.Mask {
	return attention.Mask{Causal: true, QuerySegments: l.Branches, Trunk: l.Branches != nil}
}
