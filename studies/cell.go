package studies

import "github.com/graft-ml/graft/datasets/lengths"

// Cell is the result of one model: an encoding with a seed.
type Cell struct {
	Encoding   string  `json:"encoding"`
	Setting    string  `json:"setting"` // of the encoding, to tell it from others of the same name
	Seed       uint64  `json:"seed"`
	Parameters int     `json:"parameters"` // that are trained
	Steps      int     `json:"steps"`
	BestStep   int     `json:"bestStep"` // after which the model was tested
	Loss       float64 `json:"loss"`     // mean over the last tenth of the steps
	Scores     Scores  `json:"scores"`
	// TrainSeconds is the time of the training, TestSeconds that of the test.
	TrainSeconds float64 `json:"trainSeconds"`
	TestSeconds  float64 `json:"testSeconds"`
}

// Score is how many questions of a length were answered right: whose answer, as the task finds it in what the model
// wrote, is exactly the one wanted.
type Score struct {
	Length   int  `json:"length"`
	Trained  bool `json:"trained"` // the length is one of the training
	Right    int  `json:"right"`
	Examples int  `json:"examples"`
}

// Accuracy is the share of right answers.
func (s Score) Accuracy() float64 { return float64(s.Right) / float64(s.Examples) }

// Scores are those of several lengths, the shortest first.
type Scores []Score

// Mean is the mean accuracy over the lengths of a range, each counting the same; NaN where there are none.
func (s Scores) Mean(r lengths.Range) float64 {
	sum, n := 0.0, 0
	for _, score := range s {
		if r.Contains(score.Length) {
			sum += score.Accuracy()
			n++
		}
	}
	return sum / float64(n)
}

// Row is what the models of an encoding have in common: a line of a table.
type Row struct {
	Encoding   string
	Seeds      int
	Parameters int
	Scores     Scores // of all seeds together
	// TrainSeconds is the mean time of a training.
	TrainSeconds float64
}

// Rows puts the results of the seeds of each encoding together, in the order in which encodings come first.
func Rows(cells []Cell) []Row {
	var rows []Row
	at := map[string]int{}
	for _, c := range cells {
		i, ok := at[c.Encoding]
		if !ok {
			i = len(rows)
			at[c.Encoding] = i
			rows = append(rows, Row{Encoding: c.Encoding, Parameters: c.Parameters})
		}
		r := &rows[i]
		r.TrainSeconds = (r.TrainSeconds*float64(r.Seeds) + c.TrainSeconds) / float64(r.Seeds+1)
		r.Seeds++
		r.add(c.Scores)
	}
	return rows
}

// add adds the scores of another seed.
func (r *Row) add(scores Scores) {
	if r.Scores == nil {
		r.Scores = append(r.Scores, scores...)
		return
	}
	for i, s := range scores {
		r.Scores[i].Right += s.Right
		r.Scores[i].Examples += s.Examples
	}
}
