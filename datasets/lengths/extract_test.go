package lengths_test

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/datasets/lengths"
)

// TestExtract holds what the official expressions, run in Python, make of predictions. A float there is "" here: the
// official code stops at one, here it is wrong.
func TestExtract(t *testing.T) {
	for _, c := range []struct{ tasks, prediction, want string }{
		{"addition poly sum", "The answer is 3 5.", "35"},
		{"addition poly sum", "The answer is 3 5 .", "35"},
		{"addition poly sum", "The answer is 35.", "35"},
		{"addition poly sum", "The answer is - 1 6.", "-16"},
		{"addition poly sum", "The answer is -1 6.", "-16"},
		{"addition poly sum", "The answer is -  1.", ""},
		{"addition poly sum", "The answer is 0 0 3 5.", "35"},
		{"addition poly sum", "The answer is 3 5", ""},
		{"addition poly sum", "The answer is 3 5. The answer is 7.", "7"},
		{"addition poly sum", "The answer is 3 5. The answer is", "35"},
		{"addition poly sum", "The answer is 3 . 5.", ""},
		{"addition poly sum", "The answer is 3 5..", ""},
		{"addition poly sum", "The answer is .", ""},
		{"addition poly sum", "the answer is 3.", ""},
		{"addition poly sum", "The answer is3.", ""},
		{"addition poly sum", "x\nThe answer is 4.\nThe answer is 5.", "4"},
		{"addition poly sum", "in . Thus,  The answer is 1. . Thus,  The answer is 2.", "1"},
		{"addition poly sum", "The answer is 1. . Thus,  nothing", ""},
		{"addition poly sum", "The answer is - 0.", "0"},
		{"addition poly sum", "The answer is + 5.", ""},
		{"addition poly sum", "The answer is" + strings.Repeat(" 9", 22) + ".", strings.Repeat("9", 22)},
		{"addition poly sum", "", ""},
		{"parity lego lego_perm", "The answer is Yes.", "Yes"},
		{"parity lego lego_perm", "The answer is yes .", "yes"},
		{"parity lego lego_perm", "The answer isNo.", "No"},
		{"parity lego lego_perm", "The answer is Yes. No.", "Yes. No"},
		{"parity lego lego_perm", "The answer is Yes", ""},
		{"parity lego lego_perm", "The answer is  +1 .", "+1"},
		{"parity lego lego_perm", "The answer is No. The answer is Yes.", "Yes"},
		{"parity lego lego_perm", "The answer is .", ""},
		{"parity lego lego_perm", "The answer is ..", "."},
		{"parity lego lego_perm", "Yes.", ""},
		{"parity lego lego_perm", "The answer is\nYes.", "Yes"},
		{"sort_single", "The sorted list is [ a, b ].", "a, b"},
		{"sort_single", "The sorted list is[a,b]", "a, b"},
		{"sort_single", "The sorted list is [ a , b ] .", "a, b"},
		{"sort_single", "The sorted list is [ a b ].", "a b"},
		{"sort_single", "The sorted list is [  ].", ""},
		{"sort_single", "The sorted list is [ a ] [ b ]", "a ] [ b"},
		{"sort_single", "sorted [ a ]", ""},
		{"sort_multi", "The sorted list is [ 0 0 6 1, 1 7 ].", "61, 17"},
		{"sort_multi", "The sorted list is [ 6 x, 1 ].", ""},
		{"sort_multi", "The sorted list is [ 1, ].", ""},
		{"sort_multi", "The sorted list is [  ].", ""},
		{"copy_cmc reverse_mc scan pcfg locate", "  a b  ", "a b"},
		{"copy_cmc reverse_mc scan pcfg", "a b [SEP] c", "a b"},
		{"copy_cmc reverse_mc scan pcfg", "a. Thus, b", "a. Thus, b"},
	} {
		for _, name := range strings.Fields(c.tasks) {
			if got := byName(t, name, lengths.Options{}).Extract(c.prediction); got != c.want {
				t.Errorf("%s: Extract(%q) = %q, want %q", name, c.prediction, got, c.want)
			}
		}
	}
}

func TestCorrectFoldsWords(t *testing.T) {
	task := byName(t, "parity", lengths.Options{})
	e := task.Generate(1, lengths.Train, 5, 0)
	other := map[string]string{"Yes": "no", "No": "yes"}[e.Answer]
	if !task.Correct(e, "The answer is "+strings.ToLower(e.Answer)+".") || task.Correct(e, "The answer is "+other+".") {
		t.Errorf("answer %q", e.Answer)
	}
	copying := byName(t, "copy_rsc", lengths.Options{})
	e = copying.Generate(1, lengths.Train, 2, 0)
	if e.Answer = "a a"; copying.Correct(e, "A A") || !copying.Correct(e, "a a") {
		t.Error("symbols must keep their case")
	}
}

// FuzzCorrect: any string is a prediction, and only what names the answer is a right one.
func FuzzCorrect(f *testing.F) {
	var tasks []*lengths.Task
	for _, name := range lengths.Names() {
		task := byName(f, name, lengths.Options{})
		if task.Generated() {
			tasks = append(tasks, task)
			f.Add(task.Generate(3, lengths.Train, task.Lengths(lengths.Train).Max, 0).Target)
		}
	}
	f.Add("The answer is 1. . Thus, ")
	f.Add("The sorted list is [\xff, ].\n\x00")
	f.Fuzz(func(t *testing.T, prediction string) {
		for _, task := range tasks {
			e := task.Generate(3, lengths.Train, task.Lengths(lengths.Train).Max, 0)
			answer := task.Extract(prediction)
			if right := task.Correct(e, prediction); right != (answer == e.Answer) && !strings.EqualFold(answer, e.Answer) {
				t.Errorf("%s: %q gives %q; correct for %q: %v", task.Name(), prediction, answer, e.Answer, right)
			}
			if strings.TrimSpace(prediction) == "" && answer != "" {
				t.Errorf("%s: nothing gives %q", task.Name(), answer)
			}
		}
	})
}
