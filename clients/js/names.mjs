// Which members a bundle may call what it likes.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** What the application, the protocol, other bundles and the browser call by name: all that is named there keeps its name. */
const SHARED = /\/(?:types|errors|codes|index|wire|effects|link|saved|scope)\.ts$/;

/** The keys of all that goes over the wire, those of what the examples say themselves included. */
function keysOfWire() {
  const keys = new Set();
  const { commands, replies, events, tolerated } = JSON.parse(readFileSync('../../protocol/vectors/pipit.v1.json', 'utf8'));
  // Of the commands those that a client writes like that: others have what is wrong or reserved.
  for (const { text } of [...commands.filter(({ canonical }) => canonical), ...replies, ...events, ...tolerated]) {
    JSON.parse(text, (key, value) => (keys.add(key), value));
  }
  return keys;
}

function eachNode(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => eachNode(child, visit));
}

const isMember = (node) =>
  (ts.isClassElement(node) || ts.isTypeElement(node) || (ts.isParameter(node) && node.modifiers !== undefined)) &&
  node.name !== undefined &&
  ts.isIdentifier(node.name);

/** Nobody outside of its function knows it. */
const isParameterName = (node) => ts.isParameter(node.parent) && node.parent.name === node && node.parent.modifiers === undefined;

/** A member that whoever makes a `Pipit` can see. */
const isOffered = ({ parent, modifiers }) =>
  ts.isClassDeclaration(parent) && parent.name?.text === 'Pipit' && !modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);

/**
 * The members of the classes and interfaces in `src` that nobody else knows: none of their names is one of a shared member, is
 * written as a string, or is ever used for a member that is declared elsewhere, of the browser's own objects for example, or
 * of what those are given.
 *
 * Throws when one of them is a key of the wire, which must be named where it is shared.
 *
 * @param isOfBundle whether the bundle may contain a source
 */
export function ownNames(isOfBundle) {
  const files = readdirSync('src', { recursive: true }).filter((path) => /\.ts$/.test(path) && !/\.(?:test|harness)\.ts$|^(?:node|testing)/.test(path));
  const { options } = ts.parseJsonConfigFileContent(ts.readConfigFile('tsconfig.json', ts.sys.readFile).config, ts.sys, '.');
  const program = ts.createProgram(files.map((path) => join('src', path)), options);
  const checker = program.getTypeChecker();
  const sources = program.getSourceFiles().filter(({ fileName, isDeclarationFile }) => !isDeclarationFile && isOfBundle(fileName));
  const own = new Set();
  const others = new Set();
  const declaredHere = (symbol) => symbol?.declarations?.every((declaration) => sources.includes(declaration.getSourceFile()));
  for (const source of sources) {
    const shared = SHARED.test(source.fileName);
    eachNode(source, (node) => {
      if (isMember(node)) (shared || isOffered(node) ? others : own).add(node.name.text);
      if (ts.isStringLiteralLike(node)) others.add(node.text);
      if (shared && ts.isIdentifier(node) && !isParameterName(node)) others.add(node.text);
      if (ts.isPropertyAccessExpression(node) && !declaredHere(checker.getSymbolAtLocation(node.name))) others.add(node.name.text);
      if (ts.isObjectLiteralExpression(node)) {
        const wanted = checker.getContextualType(node);
        for (const { name } of node.properties) {
          const symbol = name && ts.isIdentifier(name) && wanted?.getProperty(name.text);
          if (symbol && !declaredHere(symbol)) others.add(name.text);
        }
      }
      if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
        const name = node.propertyName ?? node.name;
        const type = checker.getTypeAtLocation(node.parent);
        if (ts.isIdentifier(name) && !declaredHere(type.getProperty(name.text))) others.add(name.text);
      }
    });
  }
  const names = [...own].filter((name) => !others.has(name));
  const keys = keysOfWire();
  const wrong = names.filter((name) => keys.has(name));
  if (wrong.length > 0) {
    throw new Error(`Keys of the wire would be renamed: ${wrong.join(', ')}. Declare them in core/wire.ts; a member that is none needs another name.`);
  }
  return names;
}
