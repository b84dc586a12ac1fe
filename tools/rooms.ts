/** `npm run rooms`: the floors of src as a picture in text, and what breaks their order. */
import { checkRooms, FLOORS, roomGraph } from './checks/rooms.ts';
import { describe } from './lib/tree.ts';

const graph = roomGraph();
const built = new Set(graph.keys());
const floors = FLOORS.toReversed();
const beside = [...built].filter((room) => !floors.some((floor) => floor.rooms.includes(room)));

console.log('A room knows what stands right of its arrow; floors know only floors below.\n');
for (const { name, rooms } of [...floors, { name: 'keepers of ports', rooms: beside }]) drawFloor(name, rooms);

const findings = checkRooms();
for (const finding of findings) console.log(describe(finding));
process.exitCode = findings.length === 0 ? 0 : 1;

function drawFloor(name: string, rooms: readonly string[]): void {
  const here = rooms.filter((room) => built.has(room));
  if (here.length === 0) return;
  console.log(`── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
  for (const room of here) {
    const known = [...(graph.get(room) ?? [])].sort().join(' ');
    console.log(`   ${room.padEnd(12)} → ${known === '' ? '(nothing)' : known}`);
  }
  console.log('');
}
