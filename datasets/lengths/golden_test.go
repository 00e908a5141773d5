package lengths_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
	"github.com/graft-ml/graft/internal/golden"
)

// TestGolden makes the source, target, answer, category, sequence and every scratchpad of every line of every golden file
// from its raw record.
func TestGolden(t *testing.T) {
	for _, path := range golden.Paths(t, "length_generalization", "", ".jsonl") {
		name := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			pads := 0
			for i, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
				pads += checkGolden(t, name, i+1, line)
			}
			if task := byName(t, name, lengths.Options{}); task.HasScratchpad() != (pads > 0) {
				t.Errorf("%d scratchpads were compared; HasScratchpad: %v", pads, task.HasScratchpad())
			}
		})
	}
}

func byName(t testing.TB, name string, o lengths.Options) *lengths.Task {
	t.Helper()
	task, err := lengths.ByName(name, o)
	if err != nil {
		t.Fatal(err)
	}
	return task
}

// checkGolden compares one line and returns the number of its scratchpads. All keys must be used.
func checkGolden(t *testing.T, name string, number int, line []byte) (pads int) {
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(line, &keys); err != nil {
		t.Fatalf("line %d: %v", number, err)
	}
	take := func(key string) json.RawMessage {
		value, ok := keys[key]
		if !ok {
			t.Errorf("line %d has no %q", number, key)
		}
		delete(keys, key)
		return value
	}
	text := func(value json.RawMessage) string {
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			t.Errorf("line %d: %s: %v", number, value, err)
		}
		return s
	}
	raw := take("raw")
	made := func(s lengths.Scratchpad) (*lengths.Task, lengths.Example) {
		task := byName(t, name, lengths.Options{Scratchpad: s})
		e, err := lengths.NewReader(bytes.NewReader(raw), name, task).Read()
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		// The official metric says that the target is right, as it is and after a trip through the vocabulary.
		sequence, err := task.Sequence(e)
		if err != nil {
			t.Fatalf("line %d: %v", number, err)
		}
		for _, prediction := range []string{e.Target, task.Vocabulary().Decode(sequence.IDs[sequence.Prompt:])} {
			if !task.Correct(e, prediction) {
				t.Errorf("line %d, scratchpad %v: %q is not taken as right", number, s, prediction)
			}
		}
		return task, e
	}
	compare := func(key, got, want string) {
		if got != want {
			t.Errorf("line %d: %s\n got %q\nwant %q", number, key, got, want)
		}
	}

	task, e := made(lengths.Scratchpad{})
	compare("source", e.Source, text(take("source")))
	compare("target", e.Target, text(take("target")))
	compare("category", e.Category, text(take("category")))
	compare("answer", e.Answer, goldenAnswer(t, take("answer")))
	if _, ok := keys["sequence"]; ok {
		compare("sequence", task.Text(e), text(take("sequence")))
	}
	train := task.Lengths(lengths.Train)
	if part := text(take("part")); part == "train" && e.Length > train.Max || part == "test" && e.Length <= train.Max {
		t.Errorf("line %d: length %d is not one of part %s", number, e.Length, part)
	}
	if _, ok := keys["scratchpad"]; ok {
		var all map[string]string
		if err := json.Unmarshal(take("scratchpad"), &all); err != nil {
			t.Fatal(err)
		}
		for configuration, want := range all {
			s, err := lengths.ParseScratchpad(configuration)
			if err != nil {
				t.Fatal(err)
			}
			_, e := made(s)
			compare(configuration, e.Target, want)
			pads++
		}
	}
	if _, ok := keys["scratchpad_default_markers"]; ok {
		s := lengths.FullScratchpad()
		s.Verbose = true
		_, e := made(s)
		compare("scratchpad_default_markers", e.Target, text(take("scratchpad_default_markers")))
		pads++
	}
	for key := range keys {
		t.Errorf("line %d: %q was not used", number, key)
	}
	return pads
}

// goldenAnswer writes an answer, which may be a number, a word or a list of either, as examples have it.
func goldenAnswer(t *testing.T, value json.RawMessage) string {
	var v any
	if err := json.Unmarshal(value, &v); err != nil {
		t.Fatal(err)
	}
	one := func(v any) string {
		if n, ok := v.(float64); ok {
			return strconv.FormatInt(int64(n), 10)
		}
		return v.(string)
	}
	if list, ok := v.([]any); ok {
		var parts []string
		for _, v := range list {
			parts = append(parts, one(v))
		}
		return strings.Join(parts, ", ")
	}
	return one(v)
}
