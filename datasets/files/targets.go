package files

import (
	"fmt"
	"math"
)

// mostClasses is the most classes of a target.
const mostClasses = 1000

// Target is one thing to predict.
type Target struct {
	Name string `json:"name"`
	// Classes are the names of classes in the order of their numbers; nil for a
	// regression. Of two classes the second is the one that a single score is for.
	Classes []string `json:"classes,omitzero"`
	// Mean and SD are those of the training split: a model learns (y-Mean)/SD. They
	// are 0 and 1 for classes.
	Mean float64 `json:"mean"`
	SD   float64 `json:"sd"`
}

// targets collects what is to be predicted, item by item, before the training split
// is known.
type targets struct {
	task    Task
	names   []string
	numbers []float64 // [items, names] of a regression, NaN where missing
	answers []string  // [items, names] of a classification, "" where missing
	pool    words
}

func newTargets(task Task, names []string) *targets {
	return &targets{task: task, names: names, pool: words{}}
}

// add takes the cells of one item; column is the one that reason is about.
func (t *targets) add(cells []string) (column, reason, hint string) {
	missing := 0
	for k, cell := range cells {
		if t.missing(cell) {
			missing++
			continue
		}
		if t.task == Regression {
			if _, ok := number(cell); !ok {
				return t.names[k], fmt.Sprintf("the target %q is not a finite number", clip(cell)), "for classes, set data.files.task to classification"
			}
		}
	}
	if missing == len(cells) {
		if len(cells) == 1 {
			return t.names[0], "the target is missing", "leave the row out: there is nothing to learn from it"
		}
		return "", "all targets are missing", "leave the row out: there is nothing to learn from it"
	}
	for _, cell := range cells {
		switch gone := t.missing(cell); {
		case t.task != Regression && gone:
			t.answers = append(t.answers, "")
		case t.task != Regression:
			t.answers = append(t.answers, t.pool.keep(cell))
		case gone:
			t.numbers = append(t.numbers, math.NaN())
		default:
			v, _ := number(cell) // seen above
			t.numbers = append(t.numbers, v)
		}
	}
	return "", "", ""
}

// missing tells whether a cell stands for no target.
func (t *targets) missing(cell string) bool {
	if t.task == Regression {
		return missingNumber(cell)
	}
	return missingClass(cell)
}

// fit learns means and deviations of the training items, and the names of all classes.
func (t *targets) fit(train []int) ([]Target, error) {
	list := make([]Target, len(t.names))
	for k, name := range t.names {
		list[k] = Target{Name: name, SD: 1}
		if t.task == Regression {
			var m moments
			for _, i := range train {
				if v := t.numbers[i*len(t.names)+k]; v == v {
					m.add(v)
				}
			}
			list[k].Mean, list[k].SD = m.scale()
			continue
		}
		column := make([]string, 0, len(t.answers)/len(t.names))
		for i := k; i < len(t.answers); i += len(t.names) {
			column = append(column, t.answers[i])
		}
		classes, err := classesOf(name, column)
		if err != nil {
			return nil, err
		}
		if len(t.names) > 1 && len(classes) != 2 {
			return nil, &FileError{Reason: fmt.Sprintf("the target %q has %d classes", clip(name), len(classes)),
				Hint: "several targets must have two classes each: train one model a target"}
		}
		list[k].Classes = classes
	}
	return list, nil
}

// classesOf lists the different answers, in order.
func classesOf(name string, answers []string) ([]string, error) {
	seen := map[string]bool{}
	var classes []string
	for _, a := range answers {
		if a == "" || seen[a] {
			continue
		}
		seen[a] = true
		if classes = append(classes, a); len(classes) > mostClasses {
			return nil, &FileError{Reason: fmt.Sprintf("the target %q has more than %d classes", clip(name), mostClasses),
				Hint: "if it is a number, set data.files.task to regression"}
		}
	}
	if len(classes) < 2 {
		return nil, &FileError{Reason: fmt.Sprintf("the target %q has one class only: %s", clip(name), quoted(classes)), Hint: "there is nothing to tell apart"}
	}
	sortWords(classes)
	return classes, nil
}

// values gives the numbers that a model learns, [items, targets], NaN where missing.
// The error names the first item with a class that the targets do not have.
func (t *targets) values(list []Target) ([]float32, int, error) {
	n := len(t.names)
	if t.task == Regression {
		out := make([]float32, len(t.numbers))
		for i, v := range t.numbers {
			of := list[i%n]
			out[i] = float32((v - of.Mean) / of.SD)
		}
		return out, 0, nil
	}
	ids := make([]map[string]int, n)
	for k, of := range list {
		ids[k] = numbered(of.Classes)
	}
	out := make([]float32, len(t.answers))
	for i, a := range t.answers {
		if a == "" {
			out[i] = float32(math.NaN())
			continue
		}
		id, ok := ids[i%n][a]
		if !ok {
			return nil, i / n, fmt.Errorf("files: the class %q of the target %q is none of %s", clip(a), clip(list[i%n].Name), quoted(list[i%n].Classes))
		}
		out[i] = float32(id)
	}
	return out, 0, nil
}

// lacking lists for each target the classes that none of the items has.
func (t *targets) lacking(list []Target, items []int) (lack [][]string) {
	lack = make([][]string, len(list))
	if t.task == Regression {
		return lack
	}
	for k, of := range list {
		there := map[string]bool{}
		for _, i := range items {
			there[t.answers[i*len(t.names)+k]] = true
		}
		for _, class := range of.Classes {
			if !there[class] {
				lack[k] = append(lack[k], class)
			}
		}
	}
	return lack
}

// report tells which classes the training split lacks, and which splits have all.
func (l *Loaded) report(t *targets, parts [3][]int) {
	for s, items := range parts {
		l.AllClasses[s] = true
		for k, lack := range t.lacking(l.Schema.Targets, items) {
			l.AllClasses[s] = l.AllClasses[s] && len(lack) == 0
			if s == 0 && len(lack) > 0 {
				l.Notes = append(l.Notes, fmt.Sprintf("no training graph has the class %s of %q: it will not be learned", quoted(lack), clip(t.names[k])))
			}
		}
	}
}

// numbered gives each word its place.
func numbered(list []string) map[string]int {
	places := make(map[string]int, len(list))
	for i, w := range list {
		places[w] = i
	}
	return places
}
