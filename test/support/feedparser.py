"""What a reader of feeds, written by others, makes of the feed on its standard input, as JSON."""
import json
import sys

sys.path[:0] = sys.argv[1:]
import feedparser

feed = feedparser.parse(sys.stdin.buffer.read())


def entry(one):
    names = ("id", "title", "link", "summary", "published_parsed", "updated_parsed")
    return {name: one.get(name) for name in names}


print(json.dumps({
    # Set where the document is no well-formed XML, or something else is wrong with it.
    "fault": str(feed.get("bozo_exception", "")) if feed.bozo else None,
    "version": feed.version,
    "channel": {name: feed.feed.get(name) for name in ("id", "title", "link", "author", "updated_parsed")},
    "entries": [entry(one) for one in feed.entries],
}))
