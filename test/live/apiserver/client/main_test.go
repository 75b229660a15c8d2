package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The probe is proved here against scripted answers: only then does what it says about the broker mean anything.
// Rows that kube-apiserver retries take the time of its real back-off, so there is one of them.
func TestProbe(t *testing.T) {
	const accepted = `"status":{"authenticated":true,"user":{"username":"alice","uid":"1","groups":["g"]}}`
	rows := []struct {
		name        string
		version     string
		audiences   []string
		status      int
		body        string
		reviews     int
		parallel    bool
		wantCalls   int
		wantError   string
		wantStrict  string
		wantDenied  bool
		wantAtLeast time.Duration
	}{
		{name: "an accepted token costs one call for five reviews", body: accepted, reviews: 5, wantCalls: 1},
		{name: "concurrent reviews of one token share one call", body: accepted, reviews: 5, parallel: true, wantCalls: 1},
		{name: "v1 is asked for and understood", version: "v1", body: accepted, reviews: 1, wantCalls: 1},
		{name: "a refusal is cached", body: `"status":{"authenticated":false}`, reviews: 5, wantDenied: true, wantCalls: 1},
		{
			name: "a refusal with an error is not cached", body: `"status":{"authenticated":false,"error":"try later"}`,
			reviews: 3, wantDenied: true, wantCalls: 3, wantError: "try later",
		},
		{
			name: "an audience that was asked for is granted", audiences: []string{"a", "b"},
			body:    `"status":{"authenticated":true,"user":{"username":"alice"},"audiences":["b"]}`,
			reviews: 1, wantCalls: 1,
		},
		{
			name: "an answer for another audience is a refusal", audiences: []string{"a"},
			body:    `"status":{"authenticated":true,"user":{"username":"alice"},"audiences":["other"]}`,
			reviews: 2, wantDenied: true, wantCalls: 1,
		},
		{
			name: "an unknown field is accepted by kube-apiserver and reported", body: accepted + `,"reason":"x"`,
			reviews: 1, wantCalls: 1, wantStrict: `unknown field "reason"`,
		},
		{
			name: "a number as uid is an error", body: `"status":{"authenticated":true,"user":{"username":"a","uid":42}}`,
			reviews: 1, wantDenied: true, wantCalls: 1, wantError: "cannot unmarshal number", wantStrict: "cannot unmarshal number",
		},
		{name: "503 is one call", status: 503, reviews: 1, wantDenied: true, wantCalls: 1, wantError: "unable to handle"},
		{
			name: "500 is five calls with kube-apiserver's own pauses", status: 500, reviews: 1,
			wantDenied: true, wantCalls: 5, wantError: "an error on the server", wantAtLeast: 4 * time.Second,
		},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			version := row.version
			if version == "" {
				version = "v1beta1"
			}
			var mu sync.Mutex
			var heard []string
			server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var asked struct {
					APIVersion string
					Spec       struct{ Token string }
				}
				_ = json.NewDecoder(r.Body).Decode(&asked)
				mu.Lock()
				heard = append(heard, asked.APIVersion+" "+asked.Spec.Token)
				mu.Unlock()
				if row.status != 0 {
					http.Error(w, "scripted", row.status)
					return
				}
				fmt.Fprintf(w, `{"apiVersion":%q,"kind":"TokenReview",%s}`, asked.APIVersion, row.body)
			}))
			defer server.Close()

			started := time.Now()
			answers := ask(t, settings{
				kubeconfig: kubeconfigFor(t, server), version: version, token: "alice:s3cret", reviews: row.reviews,
				parallel: row.parallel, audiences: row.audiences, implicitAudiences: row.audiences, cacheTTL: time.Minute,
			})
			if len(answers) != row.reviews {
				t.Fatalf("got %d answers, want %d", len(answers), row.reviews)
			}
			last := answers[len(answers)-1]
			for _, one := range answers {
				if one.Authenticated == row.wantDenied {
					t.Errorf("authenticated = %v: %+v", one.Authenticated, one)
				}
			}
			if last.Calls != row.wantCalls || len(heard) != row.wantCalls {
				t.Errorf("%d calls counted, %d arrived, want %d", last.Calls, len(heard), row.wantCalls)
			}
			if want := "authentication.k8s.io/" + version + " alice:s3cret"; slices.ContainsFunc(heard, func(h string) bool { return h != want }) {
				t.Errorf("webhook heard %q, want %q only", heard, want)
			}
			if row.wantError == "" && last.Error != "" || !strings.Contains(last.Error, row.wantError) {
				t.Errorf("error = %q, want %q", last.Error, row.wantError)
			}
			strictly := strings.Join(last.StrictErrors, "\n")
			if row.wantStrict == "" && strictly != "" || !strings.Contains(strictly, row.wantStrict) {
				t.Errorf("strictErrors = %q, want %q", strictly, row.wantStrict)
			}
			if took := time.Since(started); took < row.wantAtLeast {
				t.Errorf("took %s, want at least %s", took, row.wantAtLeast)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	rows := []struct {
		name    string
		args    []string
		wantErr bool
	}{
		{name: "a kubeconfig is enough", args: []string{"-kubeconfig", "f"}},
		{name: "no kubeconfig is a usage error", args: nil, wantErr: true},
		{name: "no reviews is a usage error", args: []string{"-kubeconfig", "f", "-n", "0"}, wantErr: true},
		{name: "a token as an argument is a usage error", args: []string{"-kubeconfig", "f", "token"}, wantErr: true},
	}
	t.Setenv("WEBHOOK_KUBECONFIG", "")
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			given, err := readSettings(row.args, strings.NewReader("a:b\n"))
			if (err != nil) != row.wantErr {
				t.Fatalf("err = %v", err)
			}
			if err == nil && given.token != "a:b\n" {
				t.Errorf("token = %q; it must be read byte for byte", given.token)
			}
		})
	}
}

func ask(t *testing.T, given settings) []answer {
	t.Helper()
	var out bytes.Buffer
	if err := run(given, &out); err != nil {
		t.Fatal(err)
	}
	var answers []answer
	for line := range strings.Lines(out.String()) {
		var one answer
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		answers = append(answers, one)
	}
	return answers
}

func kubeconfigFor(t *testing.T, server *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "webhook.kubeconfig")
	content := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"w",
		"clusters":[{"name":"w","cluster":{"server":%q,"insecure-skip-tls-verify":true}}],
		"users":[{"name":"w","user":{}}],"contexts":[{"name":"w","context":{"cluster":"w","user":"w"}}]}`,
		server.URL+"/authenticate")
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
