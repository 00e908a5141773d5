package expressivity

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/graft-ml/graft/studies/internal/trial"
)

// VerdictsName is the file of a study's folder that has the verdict on each pair, a line of JSON each: set, category,
// test, setting, seed, the numbers a and b of the graphs in the set from 0, a [Verdict], and the seconds of a training.
const VerdictsName = "verdicts.jsonl"

// entry is a line of the file.
type entry struct {
	question
	Category string `json:"category,omitempty"`
	answer
}

// answer is a verdict, and the time it took where a model was trained for it.
type answer struct {
	Verdict
	Seconds float64 `json:"seconds,omitempty"`
}

// question is what a verdict is an answer to.
type question struct {
	Set     string `json:"set"`
	Test    string `json:"test"`
	Setting string `json:"setting,omitempty"`
	Seed    uint64 `json:"seed,omitempty"`
	A       int    `json:"a"`
	B       int    `json:"b"`
}

// entry begins the line of a pair.
func (w *work) entry(p Pair) entry {
	q := question{Set: w.part.Name, Test: w.test.Name, Setting: w.test.Setting, Seed: w.test.Seed, A: p.A, B: p.B}
	return entry{question: q, Category: p.Category}
}

// folder keeps verdicts. Without a path it keeps none.
type folder struct {
	path  string
	known map[question]answer
}

// openFolder reads what a folder has, and makes one where there is none.
func openFolder(dir string) (*folder, error) {
	if dir == "" {
		return new(folder), nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("expressivity: %w", err)
	}
	f := &folder{path: filepath.Join(dir, VerdictsName), known: map[question]answer{}}
	if err := trial.ReadLines(f.path, f.read); err != nil {
		return nil, fmt.Errorf("expressivity: %w", err)
	}
	return f, nil
}

// read takes over a verdict.
func (f *folder) read(line []byte) error {
	var e entry
	if err := json.Unmarshal(line, &e); err != nil {
		return err
	}
	if e.Set == "" || e.Test == "" {
		return errors.New("a verdict without a set, or without a test")
	}
	f.known[e.question] = e.answer
	return nil
}

// find gives what is kept on the pair of an entry.
func (f *folder) find(e entry) (answer, bool) {
	a, ok := f.known[e.question]
	return a, ok
}

// add keeps verdicts.
func (f *folder) add(entries ...entry) error {
	if f.path == "" || len(entries) == 0 {
		return nil
	}
	var lines []byte
	for _, e := range entries {
		line, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("expressivity: %w", err)
		}
		lines = append(append(lines, line...), '\n')
		f.known[e.question] = e.answer
	}
	if err := trial.AppendLines(f.path, lines); err != nil {
		return fmt.Errorf("expressivity: %w", err)
	}
	return nil
}
