import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { demangle } from "../../../src/symbols/itanium/demangle.ts";

const LIMIT = 1 << 15;

/** By what of the grammar they show; all but those below are written so by c++filt or, in its own style, by LLVM. */
test.each([
  // Names
  ["_ZN1a1b1cE", "a::b::c"],
  ["_ZNKR1a1fEv", "a::f() const &"],
  ["_ZNVO1a1fEv", "a::f() volatile &&"],
  ["_ZZN1a1fEvE1x_0", "a::f()::x"],
  ["_ZZ1fvE1x__12_", "f()::x"],
  ["_ZZ1fvEs_0", "f()::string literal"],
  ["_ZZ1fiEd0_NKUlvE_clEv", "f(int)::{default arg#2}::{lambda()#1}::operator()() const"],
  ["_ZN5libcw24_GLOBAL__N_cbll.cc0ZhUKa1aE", "libcw::(anonymous namespace)::a"],
  ["_ZNSt8ios_base4InitC1Ev", "std::ios_base::Init::Init()"],
  ["_ZN1aB1xIiEC1B1yEv", "a[abi:x]<int>::a[abi:y]()"],
  ["_ZDC1a1bE", "[a, b]"],
  ["_ZN1aF1fEv", "a::friend f()"],
  ["_ZNH1a1fERKS_i", "a::f(this a const&, int)"],
  ["_ZN1a1xMUlvE_E", "a::x::{lambda()#1}"],
  // Modules
  ["_ZN3BobW3FOOW3BAR3BarEPS1_1APNS_S1_1BE", "Bob::Bar@FOO.BAR(A@FOO.BAR*, Bob::B@FOO.BAR*)"],
  ["_ZNStW3STD9allocatorIiE1MEPi", "std::allocator@STD<int>::M(int*)"],
  ["_ZGIW3FooWP3BarW3Baz", "initializer for module Foo:Bar.Baz"],
  // Abbreviations
  ["_ZNSs6appendERKSs", "std::string::append(std::string const&)"],
  ["_ZNSsC1EPKc", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(char const*)"],
  ["_ZNSoD0Ev", "std::basic_ostream<char, std::char_traits<char> >::~basic_ostream()"],
  ["_Z1fSsB1XS_", "f(std::string[abi:X], std::string[abi:X])"],
  // Operators
  ["_ZltIiEbT_", "operator< <int>(int)"],
  ["_ZN1assERKS_", "a::operator<=>(a const&)"],
  ["_ZN1aawEv", "a::operator co_await()"],
  ["_ZN1anaEm", "a::operator new[](unsigned long)"],
  ["_Zli3_kmPKcm", 'operator"" _km(char const*, unsigned long)'],
  ["_ZNK1acvPFvT_EIiEEv", "a::operator void (*)(int)<int>() const"],
  ["_ZN5OuterI4MarpEcvT_I4MerpEEv", "Outer<Marp>::operator Merp<Merp>()"],
  // Types
  ["_Z1fPFPFvvEiE", "f(void (*(*)(int))())"],
  ["_Z1fRA2_A3_Ki", "f(int const (&) [2][3])"],
  ["_Z1fPFPA1_ivE", "f(int (*(*)()) [1])"],
  ["_Z1fM1aKFvvREMS_i", "f(void (a::*)() const &, int a::*)"],
  ["_Z1fKM1aKi", "f(int const a::* const)"],
  ["_Z1fPDO1xEFvvEPDwicEFvvE", "f(void (*)() noexcept(x), void (*)() throw(int, char))"],
  [
    "_Z1fDF16_DF16bDhDuDB8_DUstc_",
    "f(_Float16, std::bfloat16_t, half, char8_t, _BitInt(8), unsigned _BitInt(sizeof (char)))",
  ],
  ["_Z1fDv4_fDv2_pCdGf", "f(float __vector(4), pixel __vector(2), double _Complex, float _Imaginary)"],
  ["_Z1fDSDAmDRj", "f(_Sat unsigned long _Accum, unsigned _Fract)"],
  ["_Z1fPU3fooILi1EEKirPi", "f(int const foo<1>*, int* restrict)"],
  ["_Z1fDnDaDcu5__fooTs1a", "f(decltype(nullptr), auto, decltype(auto), __foo, struct a)"],
  ["_Z1fu13__add_pointerIiEDk1C", "f(__add_pointer(int), C auto)"],
  // Parameters of templates
  ["_Z1fIR1SEiOT_", "f<S&>(S&)"],
  ["_Z1fIKiEvRVKT_", "f<int const>(int const volatile&)"],
  ["_Z1fIA3_KcEvPT_PKT_", "f<char const [3]>(char const (*) [3], char const (*) [3])"],
  ["_Z1fIFviEEvPM1aT_", "f<void (int)>(void (a::**)(int))"],
  ["_Z1fIJidEJcsEEvDpFT_T0_E", "f<int, double, char, short>(int (char), double (short))"],
  ["_Z1fIIiEJEcEvDpT_DpT0_T1_", "f<int, char>(int, char)"],
  ["_Z1fITpTnDaJLi1ELj2EEEiv", "f<1, 2u>()"],
  ["_ZN5test51iITpTtTk1CTnTL0__EJNS_1XENS_1YEEEEvv", "test5::i<test5::X, test5::Y>()"],
  // Lambdas
  [
    "_ZZ1fvENKUlTyT_T0_E_clIiiEEDaS_S0_",
    "f()::{lambda<typename $T0>($T0, auto:2)#1}::operator()<int, int>(int, int) const",
  ],
  ["_ZZ1fvENKUlDpOT_E_clIJiEEEDaS1_", "f()::{lambda((auto:1&&)...)#1}::operator()<int>(int&&) const"],
  ["_ZN1C1fIiEEvDTtlNS_UlT_TL0__E_EEE", "C::f<int>(decltype (C::{lambda(int, auto:1)#1}{}))"],
  // Expressions and literals
  [
    "_Z1fILb1ELc65ELin5EL1e3ELDnELPv0ELd3ff0000000000000EEvv",
    "f<true, (char)65, -5, (e)3, decltype(nullptr), (void*)0, (double)[3ff0000000000000]>()",
  ],
  ["_Z1fIXadL_ZN1a1gEvEEXadL_Z1gvEEL_Z1gvEEvv", "f<&a::g, &(g()), g()>()"],
  ["_Z1fIiEvDTgtplfp_Li1ELi2EE", "f<int>(decltype ((({parm#1}+(1))>(2))))"],
  ["_Z1fIiEvDTcldtfp_onplspfp0_EE", "f<int>(decltype (({parm#1}.operator+)({parm#2}...)))"],
  ["_Z1fIiEvDTquntfp_cvT_Li1EscT_ngLi1EE", "f<int>(decltype ((!{parm#1})?((int)(1)) : (static_cast<int>(-(1)))))"],
  ["_Z1fIiEvDTpppp_ixfp_Li1EE", "f<int>(decltype ((++({parm#1}[1]))++))"],
  ["_Z1fIJiiEEvDTsZT_EDTsZfp_EDTsPDpT_cEE", "f<int, int>(decltype (2), decltype (sizeof...({parm#1})), decltype (3))"],
  ["_Z6foldl1IJLi1ELi2ELi3EEEv1AIXfLplLi1ET_EE", "foldl1<1, 2, 3>(A<((1)+...+(1, 2, 3))>)"],
  ["_Z1fIiEvDTgsnwLi1E_T_piLi2EEE", "f<int>(decltype (::new (1) int(2)))"],
  ["_Z1fIXtl1Xdi1adi1bdxLi3ELi1EEEEvv", "f<X{.a.b[3]=(1)}>()"],
  ["_Z1fIiE1aIXsr1bIT_EE5valueEEv", "f<int>()"],
  ["_Z1fIiEvDTsrNT_1aE1bEDTsr1aIT_EE1cEDTgs1xE", "f<int>(decltype (int::a::b), decltype (a<int>::c), decltype (::x))"],
  ["_Z1fIXsoiL_Z1bE4_pEEEvv", "f<b.<int at offset 4> >()"],
  // What is required
  ["_ZN1AIiEF1gIvEEvzQaa4TrueIT_E4TrueITL0__E", "A<int>::friend g<void>(...) requires (True<T>)&&(True<TL0_>)"],
  [
    "_Z1fIiEviQrqXplfp_Li1ENR1CTT_Q1DIT_EE",
    "f<int>(int) requires requires { {{parm#1}+(1)} noexcept -> C; typename T; requires D<T>; }",
  ],
  ["_Z1fUa9enable_ifIXLi1EEEv", "f() [enable_if:1]"],
  // What compilers make
  ["_ZTv0_n24_NSiD0Ev", "virtual thunk to std::basic_istream<char, std::char_traits<char> >::~basic_istream()"],
  ["_ZTCSt9strstream16_Si", "construction vtable for std::istream-in-std::strstream"],
  ["_ZTWN1a1bE", "TLS wrapper function for a::b"],
  ["_ZGTtN1a1bEv", "transaction clone for a::b()"],
  ["_ZGR1bIvE2_", "reference temporary #3 for b<void>"],
  ["_ZTAXtl1aLi1EEE", "template parameter object for a{1}"],
  ["___Z1fv_block_invoke_2", "invocation function for block in f()"],
  ["_Z1fv.constprop.0.cold", "f() [clone .constprop.0] [clone .cold]"],
  ["_Z6gödelv", "gödel()"],
  ["_Z6gödelP7größe", "gödel(größe*)"],
])("%s", (mangled, name) => {
  expect(demangle(mangled, LIMIT)).toBe(name);
});

/** A substitution stands for what is written there, so its parameters are those of where it is used. @see ABI §5.1.10 */
test.each([
  // c++filt and LLVM print the parameter of the first function, `int` and the like.
  ["_Z1h1XIJZ1fIiEDaOT_E1AZ1gIdEDaS2_E1BEE", "h(X<f<int>(int&&)::A, g<double>(double&&)::B>)"],
  ["_ZN1XIZ1fIiEvOT_EUlS2_DpT0_E_EclIJEEEvDpT_", "X<f<int>(int&&)::{lambda(auto:1&&, (auto:2)...)#1}>::operator()<>()"],
  ["_Z1gIZ1fIiEvT_EUlvE_EvS1_", "g<f<int>(int)::{lambda()#1}>(f<int>(int)::{lambda()#1})"],
  [
    "_ZZNSt9once_flag18_Prepare_executionC4IZSt9call_onceIRFvvEJEEvRS_OT_DpOT0_EUlvE_EERS6_ENUlvE_4_FUNEv",
    "std::once_flag::_Prepare_execution::_Prepare_execution<std::call_once<void (&)()>(std::once_flag&, void (&)())::{lambda()#1}>(std::call_once<void (&)()>(std::once_flag&, void (&)())::{lambda()#1}&)::{lambda()#1}::_FUN()",
  ],
  // c++filt gives an inherited constructor the name of the base, and that of an unnamed class the name around it.
  ["_ZN1BCI21AEi", "B::B(int)"],
  ["_ZN1aUt_C1Ev", "a::{unnamed type#1}::{unnamed type#1}()"],
  // c++filt writes what C++ does not allow: `noexcept` before `const`.
  ["_Z1fPKDoFvvOE", "f(void (*)() const && noexcept)"],
])("where tools disagree: %s", (mangled, name) => {
  expect(demangle(mangled, LIMIT)).toBe(name);
});

test.each([
  ["a parameter that is itself", "_Z1fIT_EvT_"],
  ["a parameter that is the next", "_Z1fIT0_T_EvT_"],
  ["a substitution before there is one", "_Z1fS0_"],
  ["a length beyond all", `_Z${"9".repeat(400)}a`],
  ["an index beyond all", `_Z1fIiEvT${"9".repeat(400)}_`],
  ["nothing again and again", `_Z1fIJEEv${"Dp".repeat(200)}T_`],
  ["nothing, doubled", `_Z1fI${"J".repeat(200)}${"E".repeat(200)}Evv`],
  ["empty packs in one another", doubled("_Z1fIJEEvDp1aIJDpT_EE", 200)],
  ["a type, doubled", doubled("_Z1f1aIiiE", 200)],
  ["a function of functions", `_Z1f${"PF".repeat(10_000)}v${"vE".repeat(10_000)}`],
  ["arrays", `_Z1f${"A1_".repeat(10_000)}i`],
  ["arrays of arrays of a parameter", arraysOfParameters(40)],
  ["lambdas in lambdas", `_Z1f${"Ul".repeat(10_000)}`],
  ["functions in functions", `_Z${"Z".repeat(30_000)}1fv`],
  ["thunks of thunks", `_Z${"Th0_".repeat(8_000)}1fv`],
  ["tags", `_Z1f${"B1a".repeat(10_000)}v`],
  ["operators", `_Z${"cv".repeat(15_000)}i`],
  ["initializers", `_Z1fIXtl1a${"dx".repeat(15_000)}`],
  ["literals", `_Z1fIX${"L_Z".repeat(10_000)}`],
  ["declared templates", `_Z1fIX${"LUl".repeat(10_000)}${"Tt".repeat(10_000)}`],
  ["declared packs", `_Z1fI${"Tp".repeat(15_000)}TyiEvv`],
  ["declarations", `_Z1fI${"Ty".repeat(15_000)}iEvv`],
  ["packs in parameters", `_Z1fI${"TyJ".repeat(10_000)}Evv`],
  ["vendors", `_Z1f${"U1a".repeat(10_000)}i`],
  ["qualifiers", `_Z1f${"K".repeat(30_000)}i`],
  ["references", `_Z1f${"R".repeat(30_000)}i`],
])("a hostile name costs little: %s", (_, mangled) => {
  const start = performance.now();
  const answer = demangle(mangled, LIMIT);
  expect(answer === null || answer.length <= LIMIT).toBe(true);
  expect(performance.now() - start).toBeLessThan(500);
});

function arraysOfParameters(levels: number): string {
  const array = "A1_".repeat(100);
  let [before, behind] = [`_Z1fI${array}iEv`, ""];
  for (let level = 0; level < levels; level++) {
    before += `DTL_Z1gI${array}T_Ev`;
    behind += "EE";
  }
  return `${before}T_${behind}`;
}

function doubled(beginning: string, times: number): string {
  const item = (index: number) => (index === 0 ? "S_" : `S${(index - 1).toString(36).toUpperCase()}_`);
  let name = beginning;
  for (let level = 1; level < times; level++) name += `S_I${item(level)}${item(level)}E`;
  return name;
}

test("names that are damaged are read or not, at once, and nothing else happens", () => {
  const listing = execFileSync("nm", ["-D", "--defined-only", "/lib/x86_64-linux-gnu/libstdc++.so.6"], {
    encoding: "utf8",
  });
  const names = [...new Set(listing.match(/\b_Z[^@\s]+/g))];
  const alphabet = [...new Set(names.join(""))];
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const end = performance.now() + 1500;
  let slowest = 0;
  while (performance.now() < end) {
    let name = names[random(names.length)] as string;
    for (let changes = 1 + random(4); changes > 0; changes--) {
      const at = 2 + random(name.length);
      const other = names[random(names.length)] as string;
      const pieces = [
        "",
        alphabet[random(alphabet.length)],
        other.slice(random(other.length)),
        name.slice(random(at), at),
      ];
      name = name.slice(0, at) + pieces[random(4)] + name.slice(at + random(3));
    }
    const start = performance.now();
    const answer = demangle(name, 4096);
    slowest = Math.max(slowest, performance.now() - start);
    if (answer !== null && answer.length > 4096) expect.fail(name);
  }
  expect(slowest).toBeLessThan(200);
});

test("LLVM reads no name of libstdc++ or of this program that we do not", () => {
  const listing = [process.execPath, "/lib/x86_64-linux-gnu/libstdc++.so.6"].map(
    (file) => spawnSync("nm", ["-D", file], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout,
  );
  const names = [...new Set(listing.join("\n").match(/\b_Z[^@\s]+/g))];
  const input = `${names.join("\n")}\n`;
  const { stdout } = spawnSync("llvm-cxxfilt-19", { input, encoding: "utf8", maxBuffer: 1 << 28 });
  const theirs = stdout.split("\n");
  expect(names.filter((name, index) => theirs[index] !== name && demangle(name, LIMIT) === null)).toEqual([]);
  expect(names.length).toBeGreaterThan(10_000);
});
