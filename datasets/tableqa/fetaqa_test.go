package tableqa

import (
	"context"
	"strings"
	"testing"
)

func TestFeTaQARefused(t *testing.T) {
	const good = `{"feta_id": 7, "table_page_title": "p", "table_section_title": "s", "table_array": [["a"], ["1"]], "question": "q", "answer": "w"}`
	list, err := parseFeTaQA(context.Background(), "f", []byte(good+"\n\n"))
	if err != nil || len(list) != 1 || list[0].ID != "feta-7" || list[0].Table.Title != "p / s" {
		t.Fatal(list, err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`[["a"], ["1"]]`, `[]`, "f:2: question feta-7 has no table"},
		{`[["a"], ["1"]]`, `[["a"], ["1", "2"]]`, "f:2: "},
		{`7`, `"7"`, `f:2: string where int64 was expected (key "feta_id")`},
		{`"q"`, "\"\xff\"", "f:2: the line is not UTF-8"},
	} {
		if _, err := parseFeTaQA(context.Background(), "f", []byte("\n"+strings.Replace(good, c.old, c.new, 1))); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, expected %q in it", c.new, err, c.want)
		}
	}
}
