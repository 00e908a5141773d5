package lengths

import (
	"fmt"
	"strconv"
	"strings"
)

func scanTasks() []*definition {
	return []*definition{{
		family: "scan", about: "turn a command into actions (records are read); lengths count actions",
		train: Range{1, 25}, test: Range{26, 48}, possible: Range{1, 4096},
		separator: separatorWord,
		words: words("Solve: jump walk look run turn left right opposite around twice thrice and after",
			"Walk Run Jump Look Left Right"),
		tight: words("[SEP]"),
		empty: func() Record { return new(ScanRecord) }, extract: extractWhole,
	}}
}

// ScanRecord is a command of SCAN (Lake and Baroni, arXiv 1711.00350) and its actions.
type ScanRecord struct {
	Source   string `json:"source"`   // "walk after turn right"
	Target   string `json:"target"`   // "I_TURN_RIGHT I_WALK"
	Category int    `json:"category"` // how many actions
}

var _ Record = (*ScanRecord)(nil)

// scanAction writes an action as the task has it: "Right" for I_TURN_RIGHT; "" for what is none.
func scanAction(action string) string {
	switch action {
	case "I_WALK":
		return "Walk"
	case "I_RUN":
		return "Run"
	case "I_JUMP":
		return "Jump"
	case "I_LOOK":
		return "Look"
	case "I_TURN_LEFT":
		return "Left"
	case "I_TURN_RIGHT":
		return "Right"
	}
	return ""
}

func (r *ScanRecord) check(string) error {
	if strings.TrimSpace(r.Source) == "" {
		return fmt.Errorf("the source is empty: is a key missing?")
	}
	actions := strings.Fields(r.Target)
	for i, action := range actions {
		if scanAction(action) == "" {
			return fmt.Errorf("action %d is %q: want I_WALK, I_RUN, I_JUMP, I_LOOK, I_TURN_LEFT or I_TURN_RIGHT", i+1, action)
		}
	}
	return sameCount(r.Category, len(actions), "actions")
}

func (r *ScanRecord) length() int       { return r.Category }
func (r *ScanRecord) category() string  { return strconv.Itoa(r.Category) }
func (r *ScanRecord) prompt() string    { return "Solve: " + r.Source }
func (r *ScanRecord) answer() string    { return r.target() }
func (r *ScanRecord) steps(bool) []step { return nil }

func (r *ScanRecord) target() string {
	actions := strings.Fields(r.Target)
	for i, action := range actions {
		actions[i] = scanAction(action)
	}
	return strings.Join(actions, " ")
}
