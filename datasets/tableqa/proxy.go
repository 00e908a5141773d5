package tableqa

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/splitmix"
	"github.com/graft-ml/graft/tables"
)

// What the tables of generated tasks are made of.
const (
	Star         = "*"  // the cell that is no number
	numbers      = 1000 // cells hold 0 to 999
	proxyColumns = 16   // the most columns
	proxyStars   = 0.3  // default of ProxyOptions.Stars
)

// Size is the number of rows, that of the header included, and columns of a table.
type Size struct {
	Rows    int `json:"rows"`
	Columns int `json:"columns"`
}

// String writes 8x8.
func (s Size) String() string { return fmt.Sprintf("%dx%d", s.Rows, s.Columns) }

// Square is the size of n rows and columns.
func Square(n int) Size { return Size{n, n} }

// ProxyOptions say what tables a generated task has. The zero value is the standard task.
type ProxyOptions struct {
	// Sizes take turns from table to table; the default are 4x4, 6x6 and 8x8. Tables have 2
	// to 16 columns and 2 to 1000 rows, for locating at most 1001 cells.
	Sizes []Size
	// TestSizes are those of the test split, to see whether larger tables are answered than
	// were trained on; the default are Sizes.
	TestSizes []Size
	// QuestionsPerTable is how many questions that follow one another are about one table;
	// the default is 1.
	QuestionsPerTable int
	// Stars is the probability of a star in a cell of Counting-Stars; the default is 0.3.
	Stars float64
}

// Proxy generates the questions of one task. It may be used by many goroutines at once.
type Proxy struct {
	task    proxyTask
	options ProxyOptions
}

// proxyTask is what tells one task from another.
type proxyTask struct {
	name  string
	kind  uint64 // of its random streams
	draw  func(random *rand.Rand, size Size, o *ProxyOptions) ([][]string, []asked)
	limit func(size Size, o *ProxyOptions) error
	words func(rows, columns int) []string // of questions about tables of at most so many rows and columns
}

// asked is one question about a table that was drawn.
type asked struct {
	text, answer string
	cell         [2]int
}

// newProxy fills in the defaults and checks the options.
func newProxy(task proxyTask, o ProxyOptions) (*Proxy, error) {
	if len(o.Sizes) == 0 {
		o.Sizes = []Size{Square(4), Square(6), Square(8)}
	}
	if len(o.TestSizes) == 0 {
		o.TestSizes = o.Sizes
	}
	if o.QuestionsPerTable == 0 {
		o.QuestionsPerTable = 1
	}
	if o.Stars == 0 {
		o.Stars = proxyStars
	}
	o.Sizes, o.TestSizes = append([]Size(nil), o.Sizes...), append([]Size(nil), o.TestSizes...)
	if o.QuestionsPerTable < 0 {
		return nil, fmt.Errorf("tableqa: %s: %d questions per table, expected 1 or more", task.name, o.QuestionsPerTable)
	}
	if !(o.Stars >= 0 && o.Stars <= 1) {
		return nil, fmt.Errorf("tableqa: %s: the probability of a star is %v, expected 0 to 1", task.name, o.Stars)
	}
	for _, size := range append(o.Sizes[:len(o.Sizes):len(o.Sizes)], o.TestSizes...) {
		if size.Rows < 2 || size.Rows > numbers || size.Columns < 2 || size.Columns > proxyColumns {
			return nil, fmt.Errorf("tableqa: %s: a table of %v, expected 2 to %d rows and 2 to %d columns", task.name, size, numbers, proxyColumns)
		}
		if err := task.limit(size, &o); err != nil {
			return nil, fmt.Errorf("tableqa: %s: %w", task.name, err)
		}
	}
	return &Proxy{task, o}, nil
}

// Name is the name of the task, as [Load] takes it.
func (p *Proxy) Name() string { return p.task.name }

// sizes are those of a split.
func (p *Proxy) sizes(s datasets.Split) []Size {
	if s == datasets.Test {
		return p.options.TestSizes
	}
	return p.options.Sizes
}

// At gives question i of a split, which has no upper end: always the same for the same
// arguments and options, whichever others are asked for. A negative number panics.
func (p *Proxy) At(seed uint64, s datasets.Split, i int) Question {
	if i < 0 {
		panic(fmt.Sprintf("tableqa: At: question %d, expected none that is negative", i))
	}
	return p.Group(seed, s, i/p.options.QuestionsPerTable)[i%p.options.QuestionsPerTable]
}

// Group gives all questions about table i of a split: those that At gives from number
// i*QuestionsPerTable on, with one table between them. A negative number panics.
func (p *Proxy) Group(seed uint64, s datasets.Split, i int) []Question {
	if i < 0 {
		panic(fmt.Sprintf("tableqa: Group: table %d, expected none that is negative", i))
	}
	sizes := p.sizes(s)
	cells, questions := p.task.draw(p.stream(seed, s, i), sizes[i%len(sizes)], &p.options)
	name := fmt.Sprintf("%s %v %d", p.task.name, s, i)
	t := &tables.Table{Name: name, Header: cells[0], Rows: cells[1:]}
	group := make([]Question, len(questions))
	for k, a := range questions {
		group[k] = Question{ID: fmt.Sprintf("%s-%v-%d", p.task.name, s, i*len(questions)+k), Text: a.text, Table: t,
			Answers: []string{a.answer}, Label: NoLabel, Cell: a.cell}
	}
	return group
}

// stream gives the random numbers of a table. All parts are hashed, so that neighbours
// start at unrelated places.
func (p *Proxy) stream(seed uint64, s datasets.Split, i int) *rand.Rand {
	high := splitmix.Mix(seed + splitmix.Mix(p.task.kind+uint64(s)))
	return rand.New(rand.NewPCG(high, splitmix.Mix(high+splitmix.Mix(uint64(i)+1))))
}

// Source gives the first n questions of a split.
func (p *Proxy) Source(seed uint64, s datasets.Split, n int) Source {
	return proxySource{p, seed, s, n}
}

type proxySource struct {
	proxy *Proxy
	seed  uint64
	split datasets.Split
	n     int
}

func (s proxySource) Len() int { return s.n }

func (s proxySource) At(i int) Question {
	if i < 0 || i >= s.n {
		panic(fmt.Sprintf("tableqa: At: question %d, expected 0..%d", i, s.n-1))
	}
	return s.proxy.At(s.seed, s.split, i)
}

// Words lists all words of questions, cells and answers, each once, for a closed
// vocabulary: what tokenize.NewWords takes.
func (p *Proxy) Words() []string {
	rows, columns := 0, 0
	for _, size := range append(p.options.Sizes[:len(p.options.Sizes):len(p.options.Sizes)], p.options.TestSizes...) {
		rows, columns = max(rows, size.Rows), max(columns, size.Columns)
	}
	list := append(p.task.words(rows, columns), Star)
	for n := range numbers {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

// proxySizes are the numbers of questions of a generated set without a limit.
var proxySizes = datasets.Limit{Train: 100_000, Val: 1_000, Test: 1_000}

// proxyInfo is the table about a generated task.
func proxyInfo(name, title, notes string) Info {
	return Info{
		Name: name, Title: title, Task: Answering, Train: proxySizes.Train, Val: proxySizes.Val, Test: proxySizes.Test,
		Metric:    ExactMatch,
		SplitRule: "generated from the seed, with random streams of its own for each split; sizes of tables take turns",
		Protocols: []Protocol{SeededSplit}, Generated: true,
		Licence: "none needed: generated",
		Origin:  "generated; the idea is that of Li et al., 2D-TPE (arXiv 2409.19700), of which prompts, sizes and sample counts are not public",
		Notes:   "The first row of a table is its header: a table of 8x8 has a header and 7 rows. " + notes,
	}
}

// proxySet is the set of a task, with as many questions as the limit says.
func proxySet(_ context.Context, o Options, task func(ProxyOptions) (*Proxy, error)) (*Set, error) {
	p, err := task(o.Proxy)
	if err != nil {
		return nil, err
	}
	count := func(limit, standard int) int {
		if limit > 0 {
			return limit
		}
		return standard
	}
	return &Set{
		Train: p.Source(o.Seed, datasets.Train, count(o.Limit.Train, proxySizes.Train)),
		Val:   p.Source(o.Seed, datasets.Val, count(o.Limit.Val, proxySizes.Val)),
		Test:  p.Source(o.Seed, datasets.Test, count(o.Limit.Test, proxySizes.Test)),
		Notes: []string{"our own reconstruction of a task of which the paper's prompts and sizes are not public: its figures are not the paper's"},
	}, nil
}

// split cuts words at blanks.
func split(words string) []string { return strings.Fields(words) }
