/** A program with as much debug information as large projects have. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../../.cache/bench");

/**
 * Makes a C++ program of many units, or finds it made: some 4 MB of debug information each. A unit uses the standard
 * library and Boost (Debian's libboost-dev) as programs do; it is compiled once, at -O1, and the others come of its
 * assembly by another number in their names, so that each has its own functions, types, lines and texts.
 */
export function bigProgram(units: number, version: 4 | 5): string {
  const folder = join(FOLDER, `${units}-${version}`);
  const program = join(folder, "program");
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const numbers = Array.from({ length: units }, (_, unit) => String(unit).padStart(3, "0"));
  writeFileSync(join(folder, "unit000.cpp"), unit("000"));
  writeFileSync(join(folder, "main.cpp"), main(numbers));
  const flags = `-std=c++17 -gdwarf-${version} -O1`;
  const commands = [
    `g++ ${flags} -S unit000.cpp -o unit000.s`,
    `g++ ${flags} -c main.cpp -o main.o`,
    `for n in ${numbers.join(" ")}; do sed "s/unit000/unit$n/g" unit000.s | as --gdwarf-${version} -o unit$n.o -; done`,
    "g++ -o unfinished main.o unit*.o",
    "rm *.o *.s",
  ];
  execFileSync("sh", ["-ec", commands.join("\n")], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  renameSync(join(folder, "unfinished"), program);
  return program;
}

function unit(number: string): string {
  const id = `unit${number}`;
  const works = Array.from({ length: 40 }, (_, work) => work);
  return `#include <bits/stdc++.h>
#include <boost/container/flat_map.hpp>
#include <boost/multi_index_container.hpp>
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/unordered_map.hpp>
#include <boost/variant.hpp>

namespace ${id} {
namespace index = boost::multi_index;
struct Key_${id} {
  int number;
  std::string text;
  bool operator<(const Key_${id} &other) const {
    return std::tie(number, text) < std::tie(other.number, other.text);
  }
  bool operator==(const Key_${id} &other) const { return number == other.number && text == other.text; }
};
struct Hash_${id} {
  size_t operator()(const Key_${id} &key) const { return std::hash<std::string>()(key.text) * 31 + key.number; }
};
struct Value_${id} {
  double weight;
  std::vector<int> parts;
  std::shared_ptr<Value_${id}> next;
  std::function<int(int)> later;
};
template <int Size> struct Node_${id} {
  std::map<Key_${id}, Value_${id}> values;
  std::array<Key_${id}, Size + 1> keys;
  int walk(int sum) {
    for (auto &[key, value] : values) sum += key.number ^ (int)value.weight;
    return sum + (int)keys.size();
  }
};
template <int Size> __attribute__((noinline)) int work(int count) {
  Node_${id}<Size> node;
  for (int i = 0; i < count; i++) node.values[Key_${id}{i, std::to_string(i * Size)}].weight = i * Size / 2.0;
  std::unordered_map<Key_${id}, std::vector<Value_${id}>, Hash_${id}> hashed;
  for (auto &[key, value] : node.values) hashed[key].push_back(value);
  std::vector<std::pair<int, Key_${id}>> sorted;
  for (auto &[key, values] : hashed) sorted.emplace_back((int)values.size(), key);
  std::sort(sorted.begin(), sorted.end(), [](const auto &a, const auto &b) { return a.second < b.second; });
  int sum = node.walk(count);
  for (auto &[size, key] : sorted) sum += size * (Size + 3) + key.number;
  return sum;
}
struct Record_${id} { int number; std::string name; double weight; };
using Table_${id} = index::multi_index_container<Record_${id}, index::indexed_by<
  index::ordered_unique<index::member<Record_${id}, int, &Record_${id}::number>>,
  index::hashed_non_unique<index::member<Record_${id}, std::string, &Record_${id}::name>>>>;
__attribute__((noinline)) int table(int count) {
  Table_${id} table;
  for (int i = 0; i < count; i++) table.insert(Record_${id}{i, "n" + std::to_string(i % 7), i / 2.0});
  int sum = 0;
  for (auto &record : table.template get<0>()) sum += record.number;
  auto found = table.template get<1>().equal_range("n3");
  for (auto at = found.first; at != found.second; ++at) sum += at->number;
  return sum;
}
struct Visitor_${id} : boost::static_visitor<int> {
  int operator()(int number) const { return number; }
  int operator()(const std::string &text) const { return text.size(); }
  int operator()(const Key_${id} &key) const { return key.number; }
};
__attribute__((noinline)) int others(int count) {
  std::vector<boost::variant<int, std::string, Key_${id}>> all;
  boost::container::flat_map<Key_${id}, Record_${id}> flat;
  boost::unordered_map<int, Record_${id}> hashed;
  boost::property_tree::ptree tree;
  for (int i = 0; i < count; i++) {
    if (i % 3 == 0) all.push_back(i);
    else if (i % 3 == 1) all.push_back(std::to_string(i));
    else all.push_back(Key_${id}{i, "z"});
    flat.emplace(Key_${id}{count - i, "f"}, Record_${id}{i, "r", 1});
    hashed[i] = Record_${id}{i, "u", 2};
    tree.put("a.b" + std::to_string(i), i);
  }
  int sum = tree.get<int>("a.b1", 0) + flat.size() + hashed.size();
  for (auto &one : all) sum += boost::apply_visitor(Visitor_${id}(), one);
  return sum;
}
} // namespace ${id}
int entry_${id}(int count) {
  return ${works.map((work) => `${id}::work<${work}>(count)`).join(" + ")} + ${id}::table(count) + ${id}::others(count);
}
`;
}

function main(numbers: readonly string[]): string {
  return `${numbers.map((number) => `int entry_unit${number}(int);`).join("\n")}
int main(int count, char **) {
  int sum = 0;
${numbers.map((number) => `  sum += entry_unit${number}(count);`).join("\n")}
  return sum & 1;
}
`;
}
