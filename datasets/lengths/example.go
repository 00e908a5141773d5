package lengths

import (
	"fmt"
	"reflect"
	"strings"
)

// Record is what an example is about, in the fields of the official data files: a *[CopyRecord], *[ReverseRecord],
// *[AdditionRecord], *[PolyRecord], *[SumRecord], *[ParityRecord], *[SortSymbolsRecord], *[SortNumbersRecord],
// *[LegoRecord], *[ScanRecord], *[PCFGRecord] or *[LocateRecord]. Its JSON is a line of such a file.
type Record interface {
	// check finds what contradicts itself in a record of the variant.
	check(variant string) error
	length() int
	category() string
	prompt() string
	target() string // without a scratchpad
	answer() string
	steps(verbose bool) []step // of the scratchpad; nil where the task has none
}

// Example is a prompt and what must follow it.
type Example struct {
	Record   Record
	Length   int    // what the task's lengths count; Task.About says of what
	Category string // the bin of the official evaluation: "12", "9-by-6", "[5, 4]"
	Source   string // the prompt
	Target   string // what must follow, scratchpad included
	// Answer is what [Task.Extract] must find in a right prediction: a whole target (copy, reverse, scan, pcfg, locate), a
	// number in decimal, a word, or a list joined by ", ".
	Answer string
}

// Process puts a record into words. The error says what the record contradicts, or that it is one of another task.
func (t *Task) Process(r Record) (Example, error) {
	if want := t.def.empty(); reflect.TypeOf(r) != reflect.TypeOf(want) || reflect.ValueOf(r).IsNil() {
		return Example{}, fmt.Errorf("lengths: %s: a %T, or none at all, where a %T is wanted", t.Name(), r, want)
	}
	if err := r.check(t.def.variant); err != nil {
		return Example{}, fmt.Errorf("lengths: %s: %w", t.Name(), err)
	}
	return t.words(r), nil
}

// words puts a record that is right into words.
func (t *Task) words(r Record) Example {
	e := Example{Record: r, Length: r.length(), Category: r.category(), Source: r.prompt(), Target: r.target(), Answer: r.answer()}
	if s := t.options.Scratchpad; s != (Scratchpad{}) {
		e.Target = s.text(r.steps(s.Verbose), t.def) + e.Target
	}
	return e
}

// Text gives the whole of an example: prompt, the separator "[SEP] " in the tasks that have one, and target.
func (t *Task) Text(e Example) string { return e.Source + t.def.separator + e.Target }

// spaced writes a number with blanks between its digits and after its sign: -16 is "- 1 6" (official number_to_string).
func spaced(n int64) string {
	digits := fmt.Sprint(n)
	var b strings.Builder
	for i := range len(digits) {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(digits[i])
	}
	return b.String()
}

// joined writes the numbers with write and joins them.
func joined(numbers []int, separator string, write func(n int64) string) string {
	var b strings.Builder
	for i, n := range numbers {
		if i > 0 {
			b.WriteString(separator)
		}
		b.WriteString(write(int64(n)))
	}
	return b.String()
}

// modulo is the remainder of Python's %, which is not negative, of 10.
func modulo(n int64) int64 { return (n%10 + 10) % 10 }

// sameCount refuses a category that is not the number of what the length counts.
func sameCount(category, length int, of string) error {
	if length == 0 {
		return fmt.Errorf("there are no %s: is a key missing?", of)
	}
	if category != length {
		return fmt.Errorf("the category is %d, but there are %d %s", category, length, of)
	}
	return nil
}
