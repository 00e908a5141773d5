package tables

import (
	"fmt"
	"regexp"
	"strings"
)

// ParseInstruct reads the input of an example of TableInstruct: words about the table
// behind [TLE], which become its title, and the table behind [TAB] in one of the three
// forms that occur:
//
//	[TLE] title [TAB] col: | h1 | h2 | row 1: | a | b | [SEP] row 2: | c | d |
//	[TLE] title [TAB] col: | h1 | h2 | [SEP] | a | b | [SEP] | c | d |
//	[TAB] | h1 | h2 | [SEP] | a | b | [SEP] | c | d |
//
// A bar parts cells where blanks or ends stand around it; those at the ends of a row
// may be missing. The error is a [*TableError]: there is no [TAB], or rows are not as
// wide as the header.
func ParseInstruct(input string) (*Table, error) {
	before, body, found := strings.Cut(input, "[TAB]")
	if !found {
		return nil, &TableError{Row: -1, Reason: "the input has no [TAB], behind which its table begins"}
	}
	t := &Table{Title: strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(before), "[TLE]"))}
	rows := strings.Split(body, "[SEP]")
	names := strings.TrimPrefix(strings.TrimSpace(rows[0]), "col:")
	if at := firstRow.FindStringIndex(names); at != nil {
		rows = append([]string{"", names[at[0]:]}, rows[1:]...)
		names = names[:at[0]]
	}
	t.Header = splitInstruct(names)
	for _, row := range rows[1:] {
		row = strings.TrimSpace(row)
		if row = strings.TrimSpace(rowNumber.ReplaceAllString(row, "")); row == "" {
			continue
		}
		cells := splitInstruct(row)
		if len(cells) != len(t.Header) {
			return nil, &TableError{Row: len(t.Rows) + 1, Reason: miscount(len(cells), len(t.Header)), Hint: "does a cell hold a bar between blanks? The published code drops such examples"}
		}
		t.Rows = append(t.Rows, cells)
	}
	if err := t.Check(); err != nil {
		return nil, err
	}
	return t, nil
}

var (
	firstRow  = regexp.MustCompile(`(^|\s)row 1:`)
	rowNumber = regexp.MustCompile(`^row \d+:`)
)

// splitInstruct gives the cells of a row. Unlike the published code, which splits at
// " | ", it takes the bars of "| a | | b |" to part three cells.
func splitInstruct(row string) []string {
	row = strings.TrimSpace(row)
	if row == "" {
		return nil
	}
	if row == "|" || strings.HasPrefix(row, "| ") {
		row = row[1:]
	}
	if strings.HasSuffix(row, " |") {
		row = row[:len(row)-1]
	}
	var cells []string
	from := 0
	for i := range len(row) {
		if row[i] == '|' && (i == 0 || row[i-1] == ' ') && (i == len(row)-1 || row[i+1] == ' ') {
			cells = append(cells, strings.TrimSpace(row[from:i]))
			from = i + 1
		}
	}
	return append(cells, strings.TrimSpace(row[from:]))
}

// Prompt gives the text before a table and that after it, up to where the answer
// begins: the Alpaca form with the sections Instruction, Question, Input and Response
// in the order of 2D-TPE's code (PROMPT_DICT in src/sft_minicpm.py). The table's title
// stands before it behind [TLE], as in TableInstruct. The table itself is no text: see
// [Read], which is given its tokens, and carries its span.
func Prompt(instruction, question string, t *Table) (before, after string) {
	title := ""
	if t.Title != "" {
		title = "[TLE] " + t.Title + " "
	}
	return fmt.Sprintf(alpaca, instruction, question, title), "\n\n### Response:"
}

const alpaca = "Below is an instruction that describes a task, paired with an input that provides further context. " +
	"Write a response that appropriately completes the request.\n\n" +
	"### Instruction:\n%s\n\n### Question:\n%s\n\n### Input:\n%s[TAB] "
