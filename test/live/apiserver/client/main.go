// Command webhook-probe asks a token webhook exactly as kube-apiserver does, with kube-apiserver's own code.
//
// The wiring is newWebhookTokenAuthenticator of k8s.io/kubernetes pkg/kubeapiserver/authenticator/config.go: the same
// kubeconfig loader, client, decoder, retries and token cache, and no API server around them. It prints one JSON line for
// each review and exits 0 whatever the webhook answered; 2 means that it could not ask at all.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
	tokencache "k8s.io/apiserver/pkg/authentication/token/cache"
	"k8s.io/apiserver/pkg/server/options"
	webhookutil "k8s.io/apiserver/pkg/util/webhook"
	"k8s.io/apiserver/plugin/pkg/authenticator/token/webhook"
)

// answer is what kube-apiserver made of one review. calls, httpStatuses and strictErrors grow over all reviews of one
// run, so the last line tells how many requests the webhook saw in all.
type answer struct {
	Authenticated bool      `json:"authenticated"`
	User          *identity `json:"user,omitempty"`
	Audiences     []string  `json:"audiences,omitempty"`
	Error         string    `json:"error,omitempty"`
	DurationMs    float64   `json:"durationMs"`
	Calls         int       `json:"calls"`
	HTTPStatuses  []int     `json:"httpStatuses"`
	StrictErrors  []string  `json:"strictErrors"`
}

type identity struct {
	Username string              `json:"username"`
	UID      string              `json:"uid"`
	Groups   []string            `json:"groups"`
	Extra    map[string][]string `json:"extra"`
}

type settings struct {
	kubeconfig        string
	version           string
	audiences         []string
	implicitAudiences []string
	token             string
	reviews           int
	parallel          bool
	cacheTTL          time.Duration
}

func main() {
	given, err := readSettings(os.Args[1:], os.Stdin)
	if err == nil {
		err = run(given, os.Stdout)
	}
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "webhook-probe:", err)
		os.Exit(2)
	}
}

func readSettings(args []string, stdin io.Reader) (settings, error) {
	var given settings
	var audiences, implicit string
	flags := flag.NewFlagSet("webhook-probe", flag.ContinueOnError)
	flags.StringVar(&given.kubeconfig, "kubeconfig", os.Getenv("WEBHOOK_KUBECONFIG"), "webhook kubeconfig `file` ($WEBHOOK_KUBECONFIG)")
	flags.StringVar(&given.version, "version", "v1beta1", "TokenReview version, `v1` or v1beta1 (kube-apiserver's default)")
	flags.StringVar(&audiences, "audiences", "", "audiences to ask for, `a,b`; none: no audience check")
	flags.StringVar(&implicit, "api-audiences", "", "the API server's own audiences, `a,b` (default: those of -audiences)")
	flags.IntVar(&given.reviews, "n", 1, "review the token this `many` times through one cache")
	flags.BoolVar(&given.parallel, "parallel", false, "all reviews at once instead of one after the other")
	flags.DurationVar(&given.cacheTTL, "cache-ttl", 2*time.Minute, "as --authentication-token-webhook-cache-ttl")
	if err := flags.Parse(args); err != nil {
		return given, err
	}
	if flags.NArg() > 0 || given.kubeconfig == "" || given.reviews < 1 {
		return given, errors.New("usage: webhook-probe -kubeconfig FILE [flags] <TOKEN; the token is read from stdin byte for byte")
	}
	given.audiences = split(audiences)
	given.implicitAudiences = given.audiences
	if implicit != "" {
		given.implicitAudiences = split(implicit)
	}
	token, err := io.ReadAll(stdin)
	given.token = string(token)
	return given, err
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

func run(given settings, out io.Writer) error {
	config, err := webhookutil.LoadKubeconfig(given.kubeconfig, nil)
	if err != nil {
		return err
	}
	seen := &recorder{}
	config.Wrap(seen.wrap)
	asker, err := webhook.New(config, given.version, given.implicitAudiences, *options.DefaultAuthWebhookRetryBackoff())
	if err != nil {
		return err
	}
	cached := tokencache.New(asker, false, given.cacheTTL, given.cacheTTL)
	lines := json.NewEncoder(out)
	for _, one := range reviewAll(given, cached, seen) {
		if err := lines.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

func reviewAll(given settings, asker authenticator.Token, seen *recorder) []answer {
	answers := make([]answer, given.reviews)
	var all sync.WaitGroup
	for i := range answers {
		if given.parallel {
			all.Go(func() { answers[i] = review(given, asker, seen) })
		} else {
			answers[i] = review(given, asker, seen)
		}
	}
	all.Wait()
	return answers
}

func review(given settings, asker authenticator.Token, seen *recorder) answer {
	ctx := context.Background()
	if len(given.audiences) > 0 {
		ctx = authenticator.WithAudiences(ctx, given.audiences)
	}
	started := time.Now()
	response, ok, err := asker.AuthenticateToken(ctx, given.token)
	result := answer{Authenticated: ok, DurationMs: float64(time.Since(started).Microseconds()) / 1000}
	if err != nil {
		result.Error = err.Error()
	}
	if ok {
		who := response.User
		result.User = &identity{Username: who.GetName(), UID: who.GetUID(), Groups: who.GetGroups(), Extra: who.GetExtra()}
		result.Audiences = response.Audiences
	}
	result.HTTPStatuses, result.StrictErrors = seen.soFar()
	result.Calls = len(result.HTTPStatuses)
	return result
}
