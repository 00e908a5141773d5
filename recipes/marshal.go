package recipes

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
)

// Marshal gives the whole recipe as YAML, every value of it, also those that are
// defaults: what a run folder keeps must not change when a default does. [Parse]
// reads it back to an equal recipe.
func (r Recipe) Marshal() []byte {
	var b bytes.Buffer
	writeSection(&b, reflect.ValueOf(&r).Elem(), "")
	return b.Bytes()
}

func writeSection(b *bytes.Buffer, section reflect.Value, indent string) {
	for _, f := range fieldsOf(section) {
		if f.section() {
			fmt.Fprintf(b, "%s%s:\n", indent, f.key)
			writeSection(b, f.value, indent+"  ")
			continue
		}
		value := text(f.value)
		if f.value.Kind() == reflect.String {
			value = quote(value)
		}
		fmt.Fprintf(b, "%s%s: %s\n", indent, f.key, value)
	}
}

// takesText tells whether a setting is given by a word rather than by a number.
func takesText(v reflect.Value) bool {
	_, word := v.Addr().Interface().(encoding.TextUnmarshaler)
	return word || v.Kind() == reflect.String
}

// plainText is text that YAML reads as such without quotes.
var plainText = regexp.MustCompile(`^[A-Za-z/.][-A-Za-z0-9_/.]*( [-A-Za-z0-9_/.(),]+)*$`)

// quote gives text as a YAML value. Whatever is not plain is written as a JSON
// string, which YAML reads the same way.
func quote(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "yes", "no", "on", "off", "null", "y", "n", ".nan", ".inf":
	default:
		if plainText.MatchString(s) {
			return s
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic("recipes: Marshal: " + err.Error()) // a string always has a JSON form
	}
	return strings.TrimSuffix(b.String(), "\n")
}
