package collect

import "testing"

func TestAnAccountIsFoundByWhatPeopleCallIt(t *testing.T) {
	target := func(platform, id, handle string) Target {
		return Target{ID: id, Account: platform + ":" + id, Owner: Account{ID: id, Handle: handle}}
	}
	telegram := target("telegram", "-1001", "@Humas_Budi")
	mastodon := target("mastodon", "42", "@budi@contoh.id")
	channel := target("youtube", "UCaaaaaaaaaaaaaaaaaaaaaa", "@budi")
	comments := Target{ID: channel.ID + " comments", Owner: channel.Owner}
	tests := map[string]struct {
		target Target
		names  []string
		not    []string
	}{
		"telegram": {telegram,
			[]string{"-1001", "telegram:-1001", "@humas_budi", "Humas_Budi", "https://t.me/humas_budi", "https://t.me/s/Humas_Budi/", "t.me/humas_budi", "http://telegram.me/humas_budi"},
			[]string{"", "https://x.com/humas_budi", "https://t.me/", "https://t.me/humas", "x:-1001", "1001"}},
		"a roster with addresses": {target("telegram", "humas", "https://t.me/humas_budi"), []string{"@humas_budi", "t.me/s/humas_budi", "humas"}, []string{"https://x.com/humas_budi"}},
		"mastodon": {mastodon,
			[]string{"@budi@contoh.id", "budi@contoh.id", "https://contoh.id/@budi", "https://lain.example/@budi@contoh.id", "42"},
			[]string{"https://lain.example/@budi", "@budi", "https://contoh.id/budi"}},
		"bluesky":    {target("bluesky", "did:plc:abc", "budi.bsky.social"), []string{"@budi.bsky.social", "https://bsky.app/profile/budi.bsky.social", "https://bsky.app/profile/did:plc:abc"}, []string{"https://bsky.app/profile/ani"}},
		"youtube":    {channel, []string{channel.ID, "https://www.youtube.com/@budi", "https://www.youtube.com/channel/UCaaaaaaaaaaaaaaaaaaaaaa", "https://m.youtube.com/@budi/videos"}, []string{"https://youtube.com/@ani"}},
		"comments":   {comments, []string{channel.ID, "@budi", "https://www.youtube.com/@budi"}, []string{"@ani"}},
		"facebook":   {target("facebook", "1001", ""), []string{"1001", "https://www.facebook.com/1001", "https://www.facebook.com/profile.php?id=1001"}, []string{"https://www.facebook.com/profile.php?id=1002", "https://x.com/1001"}},
		"instagram":  {target("instagram", "budi", ""), []string{"https://www.instagram.com/budi/", "budi"}, []string{"https://www.threads.net/@budi"}},
		"an odd id":  {target("web", "a/b ü", ""), []string{"a/b ü", "web:a/b ü"}, []string{"a", "b"}},
		"a file":     {Target{ID: "/data/masuk/a.jsonl"}, []string{"/data/masuk/a.jsonl"}, []string{"a.jsonl", "", "@"}},
		"a feed":     {target("rss", "https://humas.example/feed", ""), []string{"https://humas.example/feed"}, []string{"https://humas.example/"}},
		"ids differ": {target("youtube", "UCabc", ""), nil, []string{"ucabc"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, called := range test.names {
				if !isAccount(&test.target, called) {
					t.Errorf("%q is not found", called)
				}
			}
			for _, called := range test.not {
				if isAccount(&test.target, called) {
					t.Errorf("%q is taken for it", called)
				}
			}
		})
	}
}

func FuzzAccountNames(f *testing.F) {
	f.Add("https://t.me/s/x", "@x")
	f.Fuzz(func(t *testing.T, name, handle string) {
		target := Target{ID: "1", Account: "telegram:1", Owner: Account{ID: "1", Handle: handle}}
		if name == "" && isAccount(&target, name) {
			t.Error("nobody's name is a name")
		}
		isAccount(&target, name)
	})
}
