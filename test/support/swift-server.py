"""OpenStack Swift with its S3 door, in one process on the loopback: proxy, account, container and object server as Swift ships them,
one copy of everything. `swift-server.py FOLDER KEY SECRET [PORT]` keeps its data below FOLDER, prints the port of the S3 door when it
listens, and ends with its standard input. The files lie below FOLDER; nothing is read from /etc/swift."""
import os
import sys
import time

FOLDER, KEY, SECRET = sys.argv[1:4]
PORT = int(sys.argv[4]) if len(sys.argv) > 4 else 0
INNER = ('account', 'container', 'object')

from swift.common import utils

utils.SWIFT_CONF_FILE = os.path.join(FOLDER, 'swift.conf')
utils.eventlet_monkey_patch()

import array
import eventlet
from eventlet import wsgi
from swift.common import constraints, storage_policy
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.ring import RingData
from swift.common.wsgi import loadapp

PART_POWER = 4


def write(name, text):
    path = os.path.join(FOLDER, name)
    with open(path, 'w') as out:
        out.write(text)
    return path


def listen(port=0):
    return eventlet.listen(('127.0.0.1', port))


def save_ring(name, port):
    parts = array.array('H', [0] * (1 << PART_POWER))
    device = {'id': 0, 'region': 1, 'zone': 1, 'weight': 1.0, 'ip': '127.0.0.1', 'port': port, 'device': 'disk',
              'meta': '', 'replication_ip': '127.0.0.1', 'replication_port': port}
    RingData([parts], [device], 32 - PART_POWER).save(os.path.join(FOLDER, name + '.ring.gz'))


def inner_settings(name):
    return ('[DEFAULT]\nswift_dir = %s\ndevices = %s\nmount_check = false\nfallocate_reserve = 0\n'
            '[app:main]\nuse = egg:swift#%s\n' % (FOLDER, os.path.join(FOLDER, 'devices'), name))


def proxy_settings():
    account, user = KEY.split(':')
    return ('[DEFAULT]\nswift_dir = %s\n'
            '[pipeline:main]\npipeline = catch_errors gatekeeper listing_formats s3api tempauth bulk slo proxy-server\n'
            '[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\nallow_account_management = true\n'
            '[filter:s3api]\nuse = egg:swift#s3api\nlocation = local\n'
            '[filter:tempauth]\nuse = egg:swift#tempauth\nuser_%s_%s = %s .admin\n' % (FOLDER, account, user, SECRET)
            + ''.join('[filter:%s]\nuse = egg:swift#%s\n' % (name, name)
                      for name in ('catch_errors', 'gatekeeper', 'listing_formats', 'bulk', 'slo')))


class Cache:
    """What Swift asks of memcached, for one process."""

    def __init__(self):
        self.kept = {}

    def get(self, key, raise_on_error=False):
        value, until = self.kept.get(key, (None, 0))
        return value if until == 0 or until > time.time() else None

    def set(self, key, value, serialize=True, time=0, **_):
        self.kept[key] = (value, time and now() + time)

    def delete(self, key, server_key=None):
        self.kept.pop(key, None)


def now():
    return time.time()


def cached(app, cache):
    def serve_with_cache(env, start_response):
        env['swift.cache'] = cache
        return app(env, start_response)
    return serve_with_cache


def serve(sock, app):
    eventlet.spawn(wsgi.server, sock, app, open(os.devnull, 'w'), protocol=SwiftHttpProtocol,
                   capitalize_response_headers=False, log_output=False)


os.makedirs(os.path.join(FOLDER, 'devices', 'disk'), exist_ok=True)
write('swift.conf', '[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n')
utils.validate_hash_conf()
constraints.reload_constraints()
storage_policy.reload_storage_policies()
sockets = {name: listen() for name in INNER}
for name in INNER:
    save_ring(name, sockets[name].getsockname()[1])
door = listen(PORT)
for name in INNER:
    serve(sockets[name], loadapp(write(name + '.conf', inner_settings(name))))
serve(door, cached(loadapp(write('proxy.conf', proxy_settings())), Cache()))
print(door.getsockname()[1], flush=True)
eventlet.tpool.execute(sys.stdin.read)
os._exit(0)
