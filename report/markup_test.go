package report

import (
	"errors"
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

func ExampleTable_Write_forPagesAndSpreadsheets() {
	t := Table{Columns: []Column{{Key: "encoding"}, {Key: "accuracy", Right: true}, {Key: "seed", Hidden: true}}}
	t.Add("alibi", Cell{"42.5 %", 0.425}, 1)
	_ = t.Write(os.Stdout, Markdown)
	_ = t.Write(os.Stdout, CSV)
	// Output:
	// | encoding | accuracy |
	// | --- | ---: |
	// | alibi | 42.5 % |
	// encoding,accuracy,seed
	// alibi,0.425,1
}

func TestMarkup(t *testing.T) {
	table := Table{Title: "all", Columns: []Column{{Key: "name", Heading: "a|b"}, {Key: "v"}, {Key: "list"}}}
	table.Add("one\ntwo, \"three\"", math.NaN(), []string{"x", "y"})
	table.Add(nil, 90*time.Second, nil)
	table.Add("n", 1e-9, []string(nil))
	var md, csv strings.Builder
	if err := errors.Join(table.Write(&md, Markdown), table.Write(&csv, CSV)); err != nil {
		t.Fatal(err)
	}
	if want := "all\n\n| a\\|b | v | list |\n| --- | --- | --- |\n| one<br>two, \"three\" | NaN | x, y |\n|  | 1m30s |  |\n| n | 1e-09 |  |\n"; md.String() != want {
		t.Errorf("got  %q\nwant %q", md.String(), want)
	}
	if want := "name,v,list\n\"one\ntwo, \"\"three\"\"\",,x; y\n,90,\nn,1e-09,\n"; csv.String() != want {
		t.Errorf("got  %q\nwant %q", csv.String(), want)
	}
	for _, f := range []Format{Markdown, CSV} {
		if err := table.Write(broken{}, f); !errors.Is(err, errBroken) {
			t.Errorf("%v: broken writer: %v", f, err)
		}
	}
	table.Rows[1][1] = make(chan int)
	if err := table.Write(&csv, CSV); err == nil || !strings.Contains(err.Error(), "row 1, column v") {
		t.Errorf("a channel: %v", err)
	}
	if !Text.ForPeople() || !Markdown.ForPeople() || JSON.ForPeople() || CSV.ForPeople() {
		t.Error("which formats are for people has changed")
	}
}
