package lengths

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/splitmix"
)

// drawing is what a record is drawn from.
type drawing struct {
	*Options
	variant string
	length  int
	index   int
	state   uint64 // hash of seed, task, split and length
}

// The random streams of one number: most records need one only.
const (
	streamRecord  = iota + 1
	streamClauses // the order of clauses in lego_perm
)

// stream gives random numbers for one number of a kind. All parts are hashed, so that neighbours start at unrelated
// places.
func (d drawing) stream(kind, number int) *rand.Rand {
	high := splitmix.Mix(d.state + uint64(kind))
	return rand.New(rand.NewPCG(high, splitmix.Mix(high+splitmix.Mix(uint64(number)+1))))
}

// Generate gives example index of one length of a split: always the same for the same arguments and options. Indices have
// no upper end. Within a length addition goes through the pairs of digit counts and lego through the variables asked for,
// so that every run of indices holds about the same number of each.
func (t *Task) Generate(seed uint64, s Split, length, index int) Example {
	if t.def.draw == nil {
		panic(fmt.Sprintf("lengths: Generate: %s has no generator, expected a task of which Generated is true; read its records with NewReader", t.Name()))
	}
	if r := t.Lengths(s); !r.Contains(length) || index < 0 {
		panic(fmt.Sprintf("lengths: Generate: length %d, index %d, expected a length in %v (%v) and no negative index", length, index, r, s))
	}
	name := fnv.New64a()
	name.Write([]byte(t.Name()))
	state := seed
	for _, part := range []uint64{name.Sum64(), uint64(s), uint64(length)} {
		state = splitmix.Mix(state + splitmix.Mix(part))
	}
	o := t.options
	return t.words(t.def.draw(drawing{Options: &o, variant: t.def.variant, length: length, index: index, state: state}))
}

// At gives example i of a split, which has no upper end: the lengths take turns, so that whatever is cut off, they differ
// by one example at most. In addition pairs of digit counts take turns instead, as the official generator has them: a test
// length has more examples the more pairs have it as the longer one (17, 19, 21, ... for 9, 10, 11, ...).
func (t *Task) At(seed uint64, s Split, i int) Example {
	if i < 0 {
		panic(fmt.Sprintf("lengths: At: number %d, expected none that is negative", i))
	}
	r := t.Lengths(s)
	round := 0
	for length := r.Min; length <= r.Max; length++ {
		round += t.parts(length)
	}
	rest := i % round
	for length := r.Min; ; length++ {
		parts := t.parts(length)
		if rest < parts {
			return t.Generate(seed, s, length, i/round*parts+rest)
		}
		rest -= parts
	}
}

// parts is the number of equally large parts of a length.
func (t *Task) parts(length int) int {
	if t.def.parts == nil {
		return 1
	}
	return t.def.parts(length, &t.options)
}
