package lengths

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// Range is the lengths from Min to Max, both included.
type Range struct{ Min, Max int }

// Contains reports whether the length is in the range.
func (r Range) Contains(length int) bool { return r.Min <= length && length <= r.Max }

// String is the range as tables have it: "9-16".
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.Min, r.Max) }

// Split is a part of a task's examples.
type Split int

// The three parts: Train and Val have the training lengths, Test the longer ones.
const (
	Train Split = iota
	Val
	Test
)

var splitNames = [...]string{"train", "val", "test"}

// String is the name of the split.
func (s Split) String() string {
	if s < Train || s > Test {
		return fmt.Sprintf("Split(%d)", int(s))
	}
	return splitNames[s]
}

// Options change a task; the zero value is the published one.
type Options struct {
	// Train and Test are the lengths. A zero Train means the published training lengths. A zero Test means the published
	// test lengths, or where Train is set those up to twice as long, as the official generators do: 5-8 for 1-4.
	Train, Test Range
	// Symbols is how many different symbols copy, reverse, sort_single and locate draw from; 0 means all of the alphabet:
	// 100, 100, 50 and 256. Fewer are learnt sooner. The vocabulary stays the same.
	Symbols int
	// Scratchpad says what the target works out before the answer; the zero value means nothing.
	Scratchpad Scratchpad
}

// Task is one task in one of its variants. It is read only and may be used by several goroutines.
type Task struct {
	def        *definition
	options    Options // without zeros
	vocabulary *Vocabulary
}

// definition is what distinguishes a task from the others.
type definition struct {
	family, variant string
	about           string
	train, test     Range // as published
	possible        Range // lengths that records can have
	separator       string
	symbols         int      // in the alphabet; 0: there is none to choose from
	markers         *markers // of the verbose scratchpad; nil: the task has no scratchpad
	variables       bool     // steps have variables
	words           []string // of the vocabulary, beside the tight ones
	tight           []string // tokens written without a blank before them

	refuse  func(o *Options) error           // what the task cannot have beside the above; nil: nothing
	empty   func() Record                    // to read a record into
	draw    func(d drawing) Record           // nil: examples are only read
	parts   func(length int, o *Options) int // equally large parts of a length; nil: one
	extract func(text string) string         // the answer in a final output, "" where there is none
	folded  bool                             // answers are compared without regard to case
}

func (d *definition) name() string {
	if d.variant == "" {
		return d.family
	}
	return d.family + "_" + d.variant
}

// definitions lists all tasks, in the order of the paper's tables.
func definitions() []*definition {
	var all []*definition
	for _, family := range [][]*definition{
		copyTasks(), reverseTasks(), additionTasks(), polyTasks(), sumTasks(), parityTasks(), sortTasks(), legoTasks(),
		scanTasks(), pcfgTasks(), locateTasks(),
	} {
		all = append(all, family...)
	}
	return all
}

// Names lists the tasks that [ByName] knows.
func Names() []string {
	var names []string
	for _, d := range definitions() {
		names = append(names, d.name())
	}
	return names
}

// ByName gives the task of a name: its family, and its variant after an underscore where it has several. An unknown name
// is an [*UnknownError].
func ByName(name string, o Options) (*Task, error) {
	for _, d := range definitions() {
		if d.name() != name {
			continue
		}
		if err := d.complete(&o); err != nil {
			return nil, fmt.Errorf("lengths: %s: %w", name, err)
		}
		return &Task{def: d, options: o, vocabulary: newVocabulary(d)}, nil
	}
	return nil, &UnknownError{Name: name, Known: Names()}
}

// complete puts what zeros mean into the options and refuses what the task cannot have.
func (d *definition) complete(o *Options) error {
	if o.Test == (Range{}) {
		o.Test = d.test
		if o.Train != (Range{}) {
			o.Test = Range{o.Train.Max + 1, min(2*o.Train.Max, d.possible.Max)}
		}
	}
	if o.Train == (Range{}) {
		o.Train = d.train
	}
	for i, r := range []Range{o.Train, o.Test} {
		if r.Min > r.Max || !d.possible.Contains(r.Min) || !d.possible.Contains(r.Max) {
			return fmt.Errorf("%v lengths %v do not exist: choose a range within %v", []Split{Train, Test}[i], r, d.possible)
		}
	}
	if o.Test.Min <= o.Train.Max {
		return fmt.Errorf("test lengths %v overlap training lengths %v: let them begin at %d", o.Test, o.Train, o.Train.Max+1)
	}
	if o.Scratchpad != (Scratchpad{}) {
		if d.markers == nil {
			return fmt.Errorf("there is no scratchpad for this task: leave it out")
		}
		if o.Scratchpad == (Scratchpad{Verbose: true}) {
			return fmt.Errorf("a verbose scratchpad without any component: choose one or more")
		}
	}
	switch {
	case d.symbols == 0 && o.Symbols != 0:
		return fmt.Errorf("%d symbols asked for, but this task has no alphabet to choose from: leave Symbols 0", o.Symbols)
	case o.Symbols == 0:
		o.Symbols = d.symbols
	case o.Symbols < 2 || o.Symbols > d.symbols:
		return fmt.Errorf("%d symbols asked for: choose 2 to %d", o.Symbols, d.symbols)
	}
	if d.refuse != nil {
		return d.refuse(o)
	}
	return nil
}

// Name is what [ByName] takes.
func (t *Task) Name() string { return t.def.name() }

// Family is the name without the variant.
func (t *Task) Family() string { return t.def.family }

// Variant is the second part of the name: "cmc" of "copy_cmc", "" of "addition".
func (t *Task) Variant() string { return t.def.variant }

// About says in a few words what is to be done, and what a length counts.
func (t *Task) About() string { return t.def.about }

// Generated reports whether examples can be generated; those of scan and pcfg are only read, by a [Reader].
func (t *Task) Generated() bool { return t.def.draw != nil }

// HasScratchpad reports whether the task can be worked out step by step.
func (t *Task) HasScratchpad() bool { return t.def.markers != nil }

// Lengths gives the lengths of a split.
func (t *Task) Lengths(s Split) Range {
	switch s {
	case Train, Val:
		return t.options.Train
	case Test:
		return t.options.Test
	}
	panic(fmt.Sprintf("lengths: Lengths: %v, expected train, val or test", s))
}

// Vocabulary gives the tokens of the task. Tasks of one family have the same.
func (t *Task) Vocabulary() *Vocabulary { return t.vocabulary }

// UnknownError is a name of no task.
type UnknownError struct {
	Name  string
	Known []string
}

// Error gives the name, the nearest known one and all known ones.
func (e *UnknownError) Error() string {
	return fmt.Sprintf("lengths: unknown task %q; did you mean %q? Known are %s", e.Name, nearest.To(e.Name, e.Known), strings.Join(e.Known, ", "))
}
