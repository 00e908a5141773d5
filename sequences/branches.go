package sequences

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// ends tells whether token t is the last of a branch that another follows.
func (e *Example) ends(t int) bool {
	k, found := slices.BinarySearch(e.Branches, t+1)
	return found && k > 0
}

// reach returns how many tokens the model reads of the trunk with the longest branch.
func (e *Example) reach() int {
	if len(e.Branches) == 0 {
		return e.read()
	}
	longest, end := 0, len(e.Prompt)+len(e.Target)
	for _, first := range slices.Backward(e.Branches) {
		longest, end = max(longest, end-first), first
	}
	return e.Branches[0] + longest - 1
}

// branches returns the first tokens of the branches among those that are read.
func (e *Example) branches() []int {
	first := slices.Clone(e.Branches)
	for k := range first {
		first[k] -= k // the last tokens of the branches before
	}
	return first
}

// checkBranches reports what is wrong with the branches of an example.
func (e *Example) checkBranches() error {
	all := len(e.Prompt) + len(e.Target)
	for k, first := range e.Branches {
		end := all
		if k+1 < len(e.Branches) {
			end = e.Branches[k+1]
		}
		switch t := first - len(e.Prompt); {
		case first < 0 || end > all || end-first < 2:
			return fmt.Errorf("branch %d begins with token %d and ends before token %d of %d: want branches one after another, of two tokens or more: one to go on from, and one to learn", k, first, end, all)
		case first > 0 && t >= 0 && e.learns(t):
			return fmt.Errorf("the first token of branch %d is learned, and it is what the branch goes on from: say by Learned that it is not", k)
		}
	}
	if p := e.Places; p != nil && len(e.Branches) > 0 && p.known() > e.Branches[0] {
		return fmt.Errorf("there are places for %d tokens, and the trunk has %d: those of the branches begin anew behind it, and are not given", p.known(), e.Branches[0])
	}
	return nil
}

// withBranches returns the layout with the branches of its sequences, where there are any.
func withBranches(l *encodings.Layout, list []placed) (*encodings.Layout, error) {
	any := false
	for _, s := range list {
		any = any || len(s.branches) > 0
	}
	if !any {
		return l, nil
	}
	branches := make([]int32, 0, l.Tokens())
	for _, s := range list {
		branch := 0
		for t := range s.ids {
			if branch < len(s.branches) && s.branches[branch] == t {
				branch++
			}
			branches = append(branches, int32(branch))
		}
	}
	return l.WithBranches(branches)
}

// beginPass starts a pass of the encoding.
func (m *Model) beginPass(tp *tensor.Tape, l *encodings.Layout) (encodings.Positions, error) {
	return encodings.Begin(tp, m.Config.Encoding.Name(), m.Encoder, l)
}
