package tableqa

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/graft-ml/graft/tables"
)

var tabfactInfo = Info{
	Name: "tabfact", Title: "TabFact: statements that tables of Wikipedia entail or refute", Task: Verification,
	Train: 11_499, Val: 1_293, Test: 12_779,
	Metric:    LabelAccuracy,
	SplitRule: "by table, as published; see the protocols for what to train on without the official training statements",
	Protocols: []Protocol{ValAsTrain, Pairs, RawPairs, PublishedSplit},
	Folder:    "tabfact",
	Files: []string{"data/all_csv", "data/train_id.json", "data/val_id.json", "data/test_id.json", "data/simple_ids.json", "data/small_test_id.json",
		"tokenized_data/val_examples.json", "tokenized_data/test_examples.json", "pairwise_data/all_positive_negative_pairs.json"},
	Published: tabfactFigures(),
	Licence:   "MIT",
	Origin:    "TabFact (github.com/wenhuchen/Table-Fact-Checking), as a folder tabfact or a zip file of it",
	Notes: "Statements are lemmatised (there be no new entry), pairs are in raw wording. The majority answers 50.3 % of the test " +
		"statements. Test has 4171 statements of simple tables, 8608 of complex ones and 1998 of the small test set.",
}

// tabfactFigures is the table of the repository, and that of TAPAS by size.
func tabfactFigures() []Figure {
	const repository, tapas = "Table-Fact-Checking repository", "google-research/tapas README, reset positions"
	parts := []string{"val", "test", "test, simple", "test, complex", "test, small"}
	var all []Figure
	for _, row := range []struct {
		model  string
		values []float64 // of each part; 0 where there is none
	}{
		{"Table-BERT", []float64{66.1, 65.1, 79.1, 58.2, 68.1}},
		{"LPA, ranking", []float64{65.1, 65.3, 78.7, 58.5, 68.9}},
		{"SAT 2020", []float64{73.3, 73.2, 85.5, 67.2, 0}},
		{"TAPAS-large", []float64{81.0, 81.0, 92.3, 75.6, 83.9}},
		{"TAPEX-large", []float64{84.6, 84.2, 93.9, 79.6, 85.9}},
		{"people", []float64{0, 0, 0, 0, 92.1}},
	} {
		for k, v := range row.values {
			if v > 0 {
				all = append(all, Figure{row.model, parts[k], v, repository})
			}
		}
	}
	for _, size := range []struct {
		name  string
		value float64
	}{{"tiny", 55.3}, {"mini", 68.5}, {"small", 73.5}, {"medium", 75.9}, {"base", 79.2}, {"large", 81.6}} {
		all = append(all, Figure{"TAPAS-" + size.name, "val", size.value, tapas})
	}
	return all
}

// Tables of the published splits, and where their statements stand.
const (
	statementsTrain = "tokenized_data/train_examples.json"
	statementsVal   = "tokenized_data/val_examples.json"
	statementsTest  = "tokenized_data/test_examples.json"
	pairsFile       = "pairwise_data/all_positive_negative_pairs.json"

	officialTrain = 92_283 // statements to train on that were published
)

func loadTabFact(ctx context.Context, o Options) (*Set, error) {
	probe := statementsTest
	if o.Protocol == PublishedSplit {
		probe = statementsTrain
	}
	a, err := findArchive(o.Dir, tabfactInfo, probe)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	f := &tabfact{ctx: ctx, archive: a, tables: map[string]*tables.Table{}}
	if err := f.readLists(); err != nil {
		return nil, err
	}
	switch o.Protocol {
	case PublishedSplit:
		return f.statementSets(statementsTrain, f.train, f.val)
	case ValAsTrain:
		var train, val []string
		for i, name := range f.val {
			if i%10 == 9 {
				val = append(val, name)
			} else {
				train = append(train, name)
			}
		}
		set, err := f.statementSets(statementsVal, train, val)
		if err != nil {
			return nil, err
		}
		set.Notes = append(set.Notes, fmt.Sprintf("trained on %d statements of nine tenths of the official validation tables, validated on the %d of the other tenth: "+
			"published figures come from %d training statements", set.Train.Len(), set.Val.Len(), officialTrain))
		return set, nil
	case Pairs:
		return f.pairSets(false)
	}
	return f.pairSets(true)
}

// tabfact is the data set while it is read.
type tabfact struct {
	ctx              context.Context
	archive          *archive
	train, val, test []string        // tables of each split
	simple, small    map[string]bool // tables of the parts
	tables           map[string]*tables.Table
}

// readLists reads which tables are in which split and part.
func (f *tabfact) readLists() error {
	var simple, small []string
	for _, list := range []struct {
		into *[]string
		file string
	}{{&f.train, "data/train_id.json"}, {&f.val, "data/val_id.json"}, {&f.test, "data/test_id.json"},
		{&simple, "data/simple_ids.json"}, {&small, "data/small_test_id.json"}} {
		text, path, err := f.archive.read(list.file, maxFile)
		if err != nil {
			return err
		}
		if err := parseJSON(path, text, list.into); err != nil {
			return err
		}
	}
	f.simple, f.small = members(simple), members(small)
	return nil
}

func members(names []string) map[string]bool {
	set := make(map[string]bool, len(names))
	for _, name := range names {
		set[name] = true
	}
	return set
}

// table reads a table by the name of its file. The error wraps fs.ErrNotExist where it is
// not there.
func (f *tabfact) table(name string) (*tables.Table, error) {
	if t := f.tables[name]; t != nil {
		return t, nil
	}
	if err := f.ctx.Err(); err != nil {
		return nil, err
	}
	text, path, err := f.archive.read("data/all_csv/"+name, maxTable)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(path, name, text, tables.TabFact())
	if err != nil {
		return nil, err
	}
	f.tables[name] = t
	return t, nil
}

// statementSets makes a set of statements: those of a file about some tables to train on,
// the official validation statements about others, and the official test.
func (f *tabfact) statementSets(file string, train, val []string) (*Set, error) {
	set := new(Set)
	for _, part := range []struct {
		source *Source
		file   string
		names  []string
	}{{&set.Train, file, train}, {&set.Val, statementsVal, val}, {&set.Test, statementsTest, f.test}} {
		list, err := f.statements(part.file, part.names)
		if err != nil {
			return nil, err
		}
		*part.source = list
	}
	return set, nil
}

// statements reads the statements of a file about some tables, in the order of the tables.
func (f *tabfact) statements(file string, names []string) (Slice, error) {
	text, path, err := f.archive.read(file, maxFile)
	if err != nil {
		return nil, err
	}
	records := map[string]json.RawMessage{}
	if err := parseJSON(path, text, &records); err != nil {
		return nil, err
	}
	var list Slice
	for _, name := range names {
		raw, ok := records[name]
		if !ok {
			return nil, notPublished(path, 0, "there are no statements about the table %q, which is in this split", clip(name))
		}
		record, err := parseStatements(raw)
		if err != nil {
			return nil, notPublished(path, 0, "table %q: %v", clip(name), err)
		}
		t, err := f.table(name)
		if err != nil {
			return nil, withoutTable(path, "a statement", 0, name, err)
		}
		t.Title = record.caption
		for i, statement := range record.statements {
			list = append(list, f.question(fmt.Sprintf("%s#%d", name, i), statement, t, record.labels[i]))
		}
	}
	return list, nil
}

// question makes a question of a statement.
func (f *tabfact) question(id, statement string, t *tables.Table, label int) Question {
	answer := Refuted
	if label == 1 {
		answer = Entailed
	}
	return Question{ID: id, Text: statement, Table: t, Answers: []string{answer}, Label: label,
		Simple: f.simple[t.Name], Small: f.small[t.Name], Cell: noCell()}
}

// pairSets makes a set with the pairs of training tables to train on. Validation and test
// are the official statements, or pairs too where all are to be in raw wording.
func (f *tabfact) pairSets(raw bool) (*Set, error) {
	pairs, err := f.readPairs()
	if err != nil {
		return nil, err
	}
	set, missing := new(Set), 0
	train, err := f.pairs(pairs, f.train, &missing)
	if err != nil {
		return nil, err
	}
	set.Train = train
	if missing > 0 {
		set.Notes = append(set.Notes, fmt.Sprintf("%d pairs of training tables are left out because their tables are not there", missing))
	}
	for _, part := range []struct {
		source *Source
		file   string
		names  []string
	}{{&set.Val, statementsVal, f.val}, {&set.Test, statementsTest, f.test}} {
		list := Slice(nil)
		if raw {
			list, err = f.pairs(pairs, part.names, nil)
		} else {
			list, err = f.statements(part.file, part.names)
		}
		if err != nil {
			return nil, err
		}
		*part.source = list
	}
	if raw {
		set.Notes = append(set.Notes, fmt.Sprintf("trained, validated and tested on pairs in raw wording: the %d test statements are not the official ones", set.Test.Len()))
	} else {
		set.Notes = append(set.Notes, fmt.Sprintf("trained on %d statements in raw wording (there are no new entries), but validated and tested on lemmatised ones "+
			"(there be no new entry): the two differ in vocabulary; published figures come from %d lemmatised training statements", set.Train.Len(), officialTrain))
	}
	return set, nil
}

// pairs makes two questions of every pair about one of some tables. Pairs whose tables are
// not there are counted, or an error where missing is nil.
func (f *tabfact) pairs(all []pairRecord, names []string, missing *int) (Slice, error) {
	wanted := members(names)
	var list Slice
	for _, p := range all {
		if !wanted[p.table] {
			continue
		}
		t, err := f.table(p.table)
		switch {
		case missing != nil && errors.Is(err, fs.ErrNotExist):
			*missing++
			continue
		case err != nil:
			return nil, withoutTable(p.path, fmt.Sprintf("pair %d", p.number), 0, p.table, err)
		}
		list = append(list, f.question(fmt.Sprintf("pair-%d+", p.number), p.entailed, t, 1),
			f.question(fmt.Sprintf("pair-%d-", p.number), p.refuted, t, 0))
	}
	return slices.Clip(list), nil
}

// TabFact loads TabFact by one of its protocols: [Load] of "tabfact".
func TabFact(ctx context.Context, dir string, p Protocol) (*Set, error) {
	return Load(ctx, tabfactInfo.Name, Options{Dir: dir, Protocol: p})
}
