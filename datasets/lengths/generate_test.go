package lengths_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
	"pgregory.net/rapid"
)

// generated lists the tasks that can be generated, with the options.
func generated(t testing.TB, o lengths.Options) []*lengths.Task {
	var tasks []*lengths.Task
	for _, name := range lengths.Names() {
		if task := byName(t, name, o); task.Generated() {
			tasks = append(tasks, task)
		}
	}
	return tasks
}

// solve works a prompt out from its words alone, and checks that all in it is in range. It returns length and target.
func solve(t *testing.T, name, source string) (length int, target string) {
	t.Helper()
	between := func(before, after string) string {
		_, rest, ok := strings.Cut(source, before)
		rest, tail, closed := strings.Cut(rest, after)
		if !ok || !closed || tail != "" && after != ". Then, what is the value of " {
			t.Fatalf("%s: prompt %q", name, source)
		}
		return rest
	}
	number := func(s string) int {
		n, err := strconv.Atoi(strings.ReplaceAll(s, " ", ""))
		if err != nil {
			t.Fatalf("%s: prompt %q: %v", name, source, err)
		}
		return n
	}
	spaced := func(s string) string { return strings.Join(strings.Split(s, ""), " ") }
	family, variant, _ := strings.Cut(name, "_")
	switch family {
	case "copy", "reverse":
		text := strings.TrimSuffix(source[strings.Index(source, " ")+1:], " ")
		if variant == "rdc" {
			f := strings.Fields(source) // Replace a with b in a a a
			for _, s := range f[5:] {
				if s != f[1] || f[1] == f[3] {
					t.Fatalf("%s: prompt %q", name, source)
				}
			}
			return len(f) - 5, strings.TrimSpace(strings.Repeat(f[3]+" ", len(f)-5))
		}
		symbols := strings.Split(text, " ")
		backwards := slices.Clone(symbols)
		slices.Reverse(backwards)
		b := strings.Join(backwards, " ")
		switch variant {
		case "cmc2x":
			target = text + " [NEXT] " + text
		case "rsc2x":
			target = text + " " + text
		case "mc":
			target = b
		case "mc2x":
			target = b + " [NEXT] " + b
		case "mcrv":
			target = b + " [NEXT] " + text
		default:
			target = text
		}
		if strings.HasPrefix(variant, "rsc") && strings.Count(text, symbols[0]) != len(symbols) {
			t.Fatalf("%s: prompt %q", name, source)
		}
		return len(symbols), target
	case "addition":
		a, b, _ := strings.Cut(between("Compute ", " ? "), " + ")
		sum := new(big.Int)
		for _, operand := range []string{a, b} {
			digits := strings.Fields(operand)
			if digits[0] == "0" && len(digits) > 1 {
				t.Errorf("%s: leading zero in %q", name, source)
			}
			n, _ := new(big.Int).SetString(strings.Join(digits, ""), 10)
			sum.Add(sum, n)
			length = max(length, len(digits))
		}
		return length, "The answer is " + spaced(sum.String()) + "."
	case "poly":
		at, terms, _ := strings.Cut(between("Evaluate at x = ", " ? "), " in ")
		x, sum := number(at), 0
		for _, term := range strings.Split(terms, " + ") {
			c, degree, _ := strings.Cut(term, " * x ** ")
			value := number(c)
			if value < -3 || value > 3 || number(degree) > 3 || x < -2 || x > 2 {
				t.Errorf("%s: out of range: %q", name, source)
			}
			for range number(degree) {
				value *= x
			}
			sum += value
			length++
		}
		return length, fmt.Sprintf("The answer is %d.", ((sum%10)+10)%10)
	case "sum":
		sum := 0
		for _, n := range strings.Split(between("Compute: ", " ."), " + ") {
			if v := number(n); v < 1 || v > 9 {
				t.Errorf("%s: out of range: %q", name, source)
			}
			sum += number(n)
			length++
		}
		return length, fmt.Sprintf("The answer is %d .", sum%10)
	case "parity":
		bits := between("Is the number of 1's even in the sequence [ ", " ] ? ")
		answer := "Yes"
		if strings.Count(bits, "1")%2 == 1 {
			answer = "No"
		}
		return len(strings.Split(bits, ", ")), "The answer is " + answer + "."
	case "sort":
		list := strings.Split(between("Sort the following list [ ", " ]. "), ", ")
		rank := func(s string) int { return strings.Index("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN", s) }
		if variant == "multi" {
			rank = number
		}
		for _, s := range list {
			if variant == "multi" && (rank(s) < 10 || rank(s) > 9999) || rank(s) < 0 {
				t.Errorf("%s: out of range: %q", name, source)
			}
		}
		length = len(list)
		slices.SortStableFunc(list, func(a, b string) int { return rank(a) - rank(b) })
		return length, "The sorted list is [ " + strings.Join(list, ", ") + " ]."
	case "lego":
		values := map[string]int{}
		clauses := strings.Split(between("If ", ". Then, what is the value of "), ", ")
		for range clauses { // as many rounds as the worst order needs
			for _, clause := range clauses {
				left, right, _ := strings.Cut(clause, " = ")
				value, known := values[right[max(len(right)-1, 0):]]
				if right[1:] == "1" {
					value, known = 1, true
				}
				if right[0] == '-' {
					value = -value
				}
				if known {
					values[left] = value
				}
			}
		}
		_, query, _ := strings.Cut(source, "value of ")
		return len(clauses), fmt.Sprintf("The answer is %+d.", values[query[:1]])
	}
	t.Fatalf("no solution of %s", name)
	return 0, ""
}

// TestAnswers works every prompt out anew, whatever seed, split, length and number.
func TestAnswers(t *testing.T) {
	for _, task := range generated(t, lengths.Options{}) {
		if task.Name() == "locate" {
			continue // see locate_test.go
		}
		rapid.Check(t, func(r *rapid.T) {
			split := lengths.Split(rapid.IntRange(0, 2).Draw(r, "split"))
			bounds := task.Lengths(split)
			length := rapid.IntRange(bounds.Min, bounds.Max).Draw(r, "length")
			e := task.Generate(rapid.Uint64().Draw(r, "seed"), split, length, rapid.IntRange(0, 1<<40).Draw(r, "index"))
			gotLength, target := solve(t, task.Name(), e.Source)
			if gotLength != length || e.Length != length || target != e.Target || !task.Correct(e, target) {
				t.Errorf("%s: %q: length %d, %q; want %d, %q", task.Name(), e.Source, gotLength, target, e.Length, e.Target)
			}
			other := task.Generate(0, split, length, 0)
			if task.Correct(e, "") || task.Correct(e, other.Target) != (e.Answer == other.Answer) {
				t.Errorf("%s: %q is taken for the answer %q", task.Name(), other.Target, e.Answer)
			}
		})
	}
}

// TestOwnRecords reads every kind of generated record back as JSON: the checks of the reader accept what is generated.
func TestOwnRecords(t *testing.T) {
	for _, task := range generated(t, lengths.Options{}) {
		var file strings.Builder
		var want []lengths.Example
		for i := range 200 {
			e := task.At(5, lengths.Split(i%3), i)
			line, err := json.Marshal(e.Record)
			if err != nil {
				t.Fatal(err)
			}
			file.Write(append(line, '\n'))
			want = append(want, e)
			again, err := task.Process(e.Record)
			if err != nil || again != e {
				t.Errorf("%s: Process gives %+v, %v; want %+v", task.Name(), again, err, e)
			}
		}
		r := lengths.NewReader(strings.NewReader(file.String()), "own", task)
		for i, w := range want {
			got, err := r.Read()
			got.Record = w.Record // another pointer
			if err != nil || got != w {
				t.Fatalf("%s: example %d: %+v, %v; want %+v", task.Name(), i, got, err, w)
			}
		}
	}
}

// TestDeterministic: an example does not depend on what was generated before, nor on goroutines; seeds, splits, lengths,
// numbers and tasks have streams of their own.
func TestDeterministic(t *testing.T) {
	for _, task := range generated(t, lengths.Options{}) {
		want := make([]lengths.Example, 60)
		for i := range want {
			want[i] = task.At(9, lengths.Test, i)
		}
		var all sync.WaitGroup
		for worker := range 3 {
			all.Go(func() {
				other := byName(t, task.Name(), lengths.Options{})
				for k := range want {
					i := (len(want) - 1 - k + 20*worker) % len(want)
					if got := other.At(9, lengths.Test, i); got.Source != want[i].Source || got.Target != want[i].Target {
						t.Errorf("%s: example %d differs", task.Name(), i)
					}
				}
			})
		}
		all.Wait()

		length := task.Lengths(lengths.Train).Max
		base := task.Generate(9, lengths.Train, length, 0).Source
		different := 0
		for i := range 20 {
			for _, other := range []lengths.Example{
				task.Generate(9, lengths.Train, length, 1000*(i+1)), task.Generate(10+uint64(i), lengths.Train, length, 0), task.Generate(9+uint64(i), lengths.Val, length, 0),
			} {
				if other.Source != base {
					different++
				}
			}
		}
		if different < 50 { // of 60; single symbols and bits may agree by chance
			t.Errorf("%s: only %d of 60 other streams give another example", task.Name(), different)
		}
	}
	if a, b := byName(t, "copy_cmc", lengths.Options{}), byName(t, "reverse_mc", lengths.Options{}); a.At(1, lengths.Test, 0).Source[6:] == b.At(1, lengths.Test, 0).Source[9:] {
		t.Error("copy and reverse share their streams")
	}
}

// TestEven: whatever is cut off, the bins differ by one example at most.
func TestEven(t *testing.T) {
	for _, task := range generated(t, lengths.Options{}) {
		for _, split := range []lengths.Split{lengths.Train, lengths.Val, lengths.Test} {
			bounds := task.Lengths(split)
			bins := map[string]int{}
			if task.Name() == "addition" {
				for a := 1; a <= bounds.Max; a++ {
					for b := 1; b <= bounds.Max; b++ {
						if bounds.Contains(max(a, b)) {
							bins[fmt.Sprintf("%d-by-%d", a, b)] = 0
						}
					}
				}
			} else {
				for length := bounds.Min; length <= bounds.Max; length++ {
					bins[strconv.Itoa(length)] = 0
				}
			}
			count := len(bins)
			for i := range 2*count + count/2 {
				e := task.At(2, split, i)
				bin := strconv.Itoa(e.Length)
				if task.Name() == "addition" {
					bin = e.Category
				}
				bins[bin]++
				least, most := i, 0
				for _, n := range bins {
					least, most = min(least, n), max(most, n)
				}
				if most > least+1 || len(bins) != count {
					t.Fatalf("%s %v: after %d examples %v", task.Name(), split, i+1, bins)
				}
			}
		}
	}
}

// TestLegoQueries: the variables of the second half take turns, and those of one chain belong together.
func TestLegoQueries(t *testing.T) {
	for _, name := range []string{"lego", "lego_perm"} {
		task := byName(t, name, lengths.Options{Train: lengths.Range{Min: 2, Max: 8}})
		for length := 2; length <= 8; length++ {
			queries := length / 2
			for index := range 4 * queries {
				e := task.Generate(1, lengths.Train, length, index)
				r := e.Record.(*lengths.LegoRecord)
				if want := (length+1)/2 + index%queries; r.Category[0] != length || r.Category[1] != want {
					t.Errorf("%s: length %d, number %d asks for %v, want %d", name, length, index, r.Category, want)
				}
				first := task.Generate(1, lengths.Train, length, index-index%queries).Record.(*lengths.LegoRecord)
				if fmt.Sprint(first.TruthValues) != fmt.Sprint(r.TruthValues) {
					t.Errorf("%s: number %d is of another chain", name, index)
				}
			}
		}
	}
}

// TestApart: no test example is a training example, whatever the lengths.
func TestApart(t *testing.T) {
	for _, task := range generated(t, lengths.Options{Train: lengths.Range{Min: 2, Max: 4}}) {
		if r := task.Lengths(lengths.Test); r != (lengths.Range{Min: 5, Max: 8}) {
			t.Errorf("%s: test lengths %v", task.Name(), r)
		}
		seen := map[string]bool{}
		for i := range 1500 {
			seen[task.At(1, lengths.Train, i).Source] = true
		}
		for i := range 1500 {
			if e := task.At(1, lengths.Test, i); seen[e.Source] || e.Length <= 4 {
				t.Fatalf("%s: %q is a training example", task.Name(), e.Source)
			}
		}
	}
}

// TestSymbols: all symbols are drawn, about equally often, and no others.
func TestSymbols(t *testing.T) {
	for _, name := range []string{"copy_cmc", "copy_rsc", "copy_rdc", "reverse_mc", "sort_single"} {
		for _, want := range []int{0, 7} {
			task := byName(t, name, lengths.Options{Symbols: want})
			if want == 0 {
				want = map[string]int{"sort_single": 50}[name]
				if want == 0 {
					want = 100
				}
			}
			counts, total := map[string]int{}, 0
			for i := range 3000 {
				target := task.At(4, lengths.Train, i).Answer
				for _, s := range strings.Fields(strings.ReplaceAll(target, ",", "")) {
					counts[s]++
					total++
					if name == "copy_rsc" || name == "copy_rdc" {
						break // once
					}
				}
			}
			if name == "copy_cmc" && want == 100 && counts[","] == 0 {
				counts[","] = total / want // it was taken for a separator
			}
			for s, n := range counts {
				if mean := total / want; n < mean/3 || n > 3*mean {
					t.Errorf("%s: %q was drawn %d times, the mean is %d", name, s, n, mean)
				}
			}
			if missing := want - len(counts); missing > 1 || missing < 0 { // the comma
				t.Errorf("%s: %d symbols were drawn, want %d", name, len(counts), want)
			}
		}
	}
}
