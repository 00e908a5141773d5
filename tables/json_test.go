package tables

import (
	"reflect"
	"strings"
	"testing"
)

func TestReadJSON(t *testing.T) {
	want := [][]string{{"name", "people", "capital"}, {"Lyon", "516092", ""}, {"Oslo", "7.0e5", "true"}, {"", "", "false"}}
	for name, text := range map[string]string{
		"array":   `[{"name": "Lyon", "people": 516092}, {"people": 7.0e5, "capital": true, "name": "Oslo"}, {"name": null, "capital": false}]`,
		"lines":   "\xef\xbb\xbf{\"name\":\"Lyon\",\"people\":516092}\r\n{\"name\":\"\\u004fslo\",\"people\":7.0e5,\"capital\":true}\n\n{\"capital\":false}\n",
		"written": "{\n \"name\": \"Lyon\",\n \"people\": 516092\n}\n{\n \"name\": \"Oslo\", \"people\": 7.0e5, \"capital\": true}\n{\"capital\":false}",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadJSON("in.json", strings.NewReader(text), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if all := append([][]string{got.Header}, got.Rows...); !reflect.DeepEqual(all, want) {
				t.Errorf("%q, want %q", all, want)
			}
			if got.Notes != nil {
				t.Errorf("notes %q", got.Notes)
			}
		})
	}
	got, err := ReadJSON("in.json", strings.NewReader("{\"a\":1}\n{\"a\":2}\n{\"b\":[]}"), Options{MaxRows: 2})
	if err != nil || len(got.Rows) != 2 || got.Columns() != 1 || len(got.Notes) != 1 || got.Notes[0] != "the records after the first 2 were left out" {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestLongRecords holds records to the limit, whatever their decoder reads ahead.
func TestLongRecords(t *testing.T) {
	record := `{"a":"` + strings.Repeat("x", 60000) + `","b":"` + strings.Repeat("y", 60000) + "\"}\n"
	got, err := ReadJSON("in.json", strings.NewReader(strings.Repeat(record, 40)), Options{MaxRow: 121000})
	if err != nil || len(got.Rows) != 40 {
		t.Fatal(err)
	}
	_, err = ReadJSON("in.json", strings.NewReader(strings.Repeat(record, 40)), Options{MaxRow: 100000})
	if err == nil || !strings.HasPrefix(err.Error(), "tables: in.json:1: the record is longer than 100000 bytes") {
		t.Error(err)
	}
}

func TestBadJSON(t *testing.T) {
	for name, c := range map[string]struct {
		text    string
		options Options
		want    string
	}{
		"empty":       {"", Options{}, "in.json: the file is empty"},
		"no records":  {"[]", Options{}, "in.json: there are no records"},
		"no keys":     {"[{},{}]", Options{}, "in.json:1: the header has no columns"},
		"a number":    {"12", Options{}, "in.json:1: a number where a record was expected; each record must be an object"},
		"rows":        {"[\n[1,2],\n[3,4]]", Options{}, "in.json:2: an array where a record was expected"},
		"a text":      {"{\"a\":1}\n\"x\"", Options{}, "in.json:2: a text where a record was expected"},
		"nested":      {"[{\"a\":1},\n{\"a\":\n{\"b\":1}}]", Options{}, "in.json:3: record 2: the value of \"a\" is an object; a cell holds"},
		"list":        {"{\"a\":[1]}", Options{}, "in.json:1: record 1: the value of \"a\" is an array"},
		"twice":       {"{\"a\":1,\n\"a\":2}", Options{}, "in.json:2: record 1 has the key \"a\" twice"},
		"cut":         {"[{\"a\":1},\n{\"a\":", Options{}, "in.json:2: malformed JSON: the text ends too early; the file may be cut off"},
		"cut array":   {"[{\"a\":1},\n", Options{}, "in.json:"},
		"behind":      {"[{\"a\":1}]\n[]", Options{}, "in.json:2: text goes on behind the array"},
		"no JSON":     {"{\"a\":1}\n{\"a\" 1}", Options{}, "in.json:2: malformed JSON: "},
		"NaN":         {"{\"a\":1}\n{\"a\":NaN}", Options{}, "in.json:2: malformed JSON: "},
		"not UTF-8":   {"{\"a\":1}\n{\"a\":\"\xff\"}", Options{}, "in.json:2: byte 7: 0xff is not UTF-8 text"},
		"columns":     {"{\"a\":1,\"b\":2}\n{\"c\":1}", Options{MaxColumns: 2}, "in.json:2: record 2: its key \"c\" makes more than 2 columns"},
		"cell":        {"{\"a\":\"" + strings.Repeat("x", 100) + "\"}", Options{MaxCell: 99}, "in.json:1: row 1: the cell in column 1 has 100 bytes"},
		"blank twice": {"{\"a\":1,\" a\":2}", Options{}, "in.json:1: columns 1 and 2 are both called \"a\""},
		"no header":   {"[]", Options{NoHeader: true}, "NoHeader: records name their columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadJSON("in.json", strings.NewReader(c.text), c.options)
			if err == nil || !strings.HasPrefix(err.Error(), "tables: "+c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

// TestSparseRecords refuses records with a key each of their own, which as a table
// would take far more memory than as a file.
func TestSparseRecords(t *testing.T) {
	var text strings.Builder
	for i := range 6000 {
		text.WriteString("{\"" + strings.Repeat("k", i%60) + string(rune('a'+i/60%26)) + string(rune('a'+i/1560)) + "\":1}\n")
	}
	_, err := ReadJSON("in.json", strings.NewReader(text.String()), Options{})
	if err == nil || !strings.Contains(err.Error(), "hold anything") {
		t.Error(err)
	}
}
