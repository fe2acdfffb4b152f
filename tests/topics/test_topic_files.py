"""config/topics covers every topic in three languages: finds what is about drugs, and leaves what only seems to be."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from pipeline.topics import LANGUAGES, Topics, parse_pattern
from pipeline.topics.files import groups_of, read_topics
from pipeline.types import PARENT_TOPIC

ROOT = Path(__file__).resolve().parents[2]
CONFIG = ROOT / "config"
PATHS = sorted((CONFIG / "topics").glob("*.toml"))
FILES: dict[str, dict[str, Any]] = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in PATHS}
LISTS = {"sure", "likely", "in_context", "cues", "not"}
#: patterns that score, traps left out; and all of a list together
SCORING_MIN, ALL_MAX = 60, 240
PATTERN = re.compile(r"[^\s*~]+\*?(?: [^\s*~]+\*?)*(?: ~\d+(?: [^\s*~]+\*?)+)?")
GROUPS = groups_of(read_topics(CONFIG)[0])
EVERY_LIST = [(slug, language) for slug in FILES for language in LANGUAGES]
SEED = ROOT.parent / "shared" / "seed" / "article.txt"

SENTENCES = {
    "alternative-development": (
        "Without roads and credit no farmer will swap coca for coffee, the minister said.",
        "Sin caminos ni créditos ningún campesino cambiará la coca por el cacao, dijo la ministra.",
        "O programa ajuda famílias a substituir o plantio de maconha por mandioca e frutas.",
    ),
    "corruption": (
        "Two judges freed drug lords in exchange for bribes.",
        "Dos jueces liberaron a narcotraficantes a cambio de sobornos.",
        "Dois juízes soltaram traficantes em troca de propina.",
    ),
    "cultivation": (
        "Coca covered 90,000 hectares last year, a fifth more than the year before.",
        "El país puede fabricar 1.800 toneladas de cocaína pura al año, según el informe.",
        "A polícia encontrou uma estufa com 2 mil plantas de canábis.",
    ),
    "decriminalization": (
        "Nobody should get a criminal record for carrying a few grams of cannabis for personal use.",
        "Nadie debe ir preso por llevar la dosis personal, dijo la magistrada.",
        "O tribunal decidiu que portar maconha para consumo próprio não é crime.",
    ),
    "enforcement-policy": (
        "He promised to send the army against the traffickers and show no mercy.",
        "El candidato promete mano dura y militares en las calles contra el narcotráfico.",
        "O candidato promete mão dura e militares nas ruas contra o tráfico.",
    ),
    "eradication": (
        "The government wants to spray coca fields with glyphosate again.",
        "El gobierno quiere volver a fumigar con glifosato los cultivos ilícitos.",
        "O governo quer voltar a pulverizar as plantações de coca com glifosato.",
    ),
    "extradition": (
        "The court approved the extradition of the alleged cartel boss.",
        "La Corte aprobó la extradición del presunto jefe del cártel.",
        "O Supremo autorizou a extradição do suposto chefe do cartel.",
    ),
    "harm-reduction": (
        "Every ambulance will carry naloxone to reverse overdoses.",
        "La ciudad abrió una sala donde se puede consumir heroína bajo supervisión.",
        "Voluntários analisam comprimidos em festivais e distribuem seringas a quem usa drogas.",
    ),
    "interdiction": (
        "Customs agents found two tonnes of cocaine in a container of bananas.",
        "La aduana halló dos toneladas de cocaína en un contenedor de banano.",
        "A alfândega encontrou duas toneladas de cocaína num contêiner de bananas.",
    ),
    "international-cooperation": (
        "The two countries will patrol the river together against traffickers under a new agreement.",
        "Los dos países patrullarán juntos el río contra el narcotráfico según el nuevo acuerdo.",
        "Os dois países vão patrulhar juntos o rio contra o tráfico, segundo o novo acordo.",
    ),
    "legalization": (
        "Lawmakers rejected a bill that would have let pharmacies sell marijuana over the counter.",
        "Legalizar la cocaína es la única salida, sostuvo el exministro.",
        "Legalizar as drogas seria um erro, disse a secretária.",
    ),
    "medical-cannabis": (
        "Patients with epilepsy will be able to buy cannabis oil with a doctor's prescription.",
        "El ministerio entregó las primeras licencias para sembrar cáñamo.",
        "A agência aprovou o plantio de cânhamo para fins industriais.",
    ),
    "money-laundering": (
        "The bank admitted laundering money for Mexican drug traffickers.",
        "El banco admitió haber lavado dinero de narcotraficantes.",
        "O banco admitiu ter lavado dinheiro de traficantes de drogas.",
    ),
    "organized-crime": (
        "Two cartels are fighting over the port, and forty people have died since March.",
        "Dos cárteles se disputan el puerto y van cuarenta muertos desde marzo.",
        "Duas facções disputam o porto e já morreram quarenta pessoas desde março.",
    ),
    "precursors": (
        "The chemicals used to make fentanyl arrive from Asian ports, the admiral said.",
        "Una nueva ley endurece el control de insumos químicos que terminan en la cocaína.",
        "Apreendidas dez toneladas de precursores químicos no porto.",
    ),
    "prevention": (
        "One in five secondary school pupils has tried cannabis, the survey found.",
        "Uno de cada cinco escolares ha probado la marihuana, según la encuesta.",
        "Um em cada cinco alunos do ensino secundário já experimentou canábis, diz o inquérito.",
    ),
    "sentencing": (
        "The bill raises the penalty for selling fentanyl to life in prison.",
        "Mujeres que llevaban unos gramos de cocaína cumplen ocho años de cárcel, lamentó la jueza.",
        "Um terço dos presos do país responde por tráfico de drogas.",
    ),
    "strategy": (
        "The cabinet approved a ten-year plan against drugs with a budget of 300 million.",
        "Ella dirigirá la comisión nacional antidrogas desde mayo.",
        "A nova estratégia antidrogas põe a saúde em primeiro lugar, disse o ministro.",
    ),
    "synthetic-drugs": (
        "The opioid epidemic has reached small towns.",
        "Alertan por la llegada de nuevas drogas sintéticas como el tusi.",
        "Cresce a apreensão de drogas sintéticas vendidas como ecstasy.",
    ),
    "traditional-use": (
        "Indigenous healers defend the ceremonial use of ayahuasca.",
        "Los pueblos originarios defienden el acullico como práctica milenaria.",
        "Líderes indígenas defendem o uso ritual da ayahuasca.",
    ),
    "treatment": (
        "The ministry will open twelve rehabilitation centres for people addicted to crack.",
        "El ministerio abrirá doce centros de rehabilitación para adictos al paco.",
        "O governador defende a internação compulsória de usuários na Cracolândia.",
    ),
    "us-policy": (
        "The White House took the country off its list of partners against drug trafficking.",
        "Washington recortó su ayuda antidrogas tras la votación.",
        "Washington cortou a ajuda antidrogas depois da votação.",
    ),
}
TRAPS = {
    "en": """
        The senator promised to take on the Washington cartel and to secure the military budget.
        The joint federal task force will report to the Committee on Taxation.
        The two states share a bridge across county lines.
        The agency approved a new cancer drug after two trials.
        The cyclist was banned for two years after a doping test.
        Coca-Cola will open a plant in the valley.
        A new series about a cartel boss starts on Sunday.
        Parliament voted to legalize abortion.
        Casinos may be legalized next year.
        Health workers fumigated the district against mosquitoes and dengue.
        The striker begins rehabilitation of his knee.
        Polio has been eradicated in the region.
        Police seized a shipment of contraband cigarettes.
        The child suffers epileptic seizures.
        The court ordered his extradition for fraud.
        Human traffickers were arrested at the border.
        Coffee and cocoa prices rose as farmers planted more hectares.
        The former minister is accused of laundering money from public works.
        The government will rehabilitate the coastal road.
        Truck makers were fined for running a cartel.
        Kingpin returns in the second season of the superhero show
        OPEC oil cartel meets in Vienna
        Why we are addicted to our phones
        Social media addiction hurts teenagers
        Parents give children an overdose of sugar
        Regulators clear two new obesity drugs
        Medicare will pay less for ten prescription drugs
        Athlete fails drug test before the games
        Civil penalties for the oil company after spill
        Corrupt police officers jailed over football tickets
        Bath salts and candles: gift ideas
        A certification for organic coffee growers
        Farmers turn to alternative crops as drought bites
        Spice prices rise in Mumbai
        Campaign finance reform stalls
        Rebels recruit child soldiers
        Summit on climate ends with no deal
        The hardline party wants tougher laws on immigration
        The mayor declared a zero tolerance policy on litter
        Human trafficking ring broken up by police
        Wildlife traffickers seized with ivory
        Rehab of the old bridge costs 3 million
        Glyphosate found in breakfast cereal
        Arms smugglers caught with rifles
        Mandatory minimum sentence for gun crimes passed
        The schedule I keep is brutal, the singer said
        Ecstasy in Lima as the team qualifies
        Ketamine shows promise against depression
    """,
    "es": """
        La hierba del estadio se regó antes de que la policía abriera las puertas.
        La agencia aprobó un nuevo medicamento contra el cáncer.
        El ciclista dio positivo en el control antidopaje.
        Coca-Cola abrirá una planta en el valle.
        Estrenan una serie sobre un capo y su cártel.
        El Congreso votó legalizar el aborto.
        El concejo debate legalizar los casinos.
        Fumigan el distrito contra el dengue y los mosquitos.
        El delantero empezó la rehabilitación de la rodilla.
        La polio fue erradicada de la región.
        La policía incautó cigarrillos de contrabando.
        El juez legalizó la captura del acusado de hurto.
        La Corte ordenó su extradición por estafa.
        Detienen a traficantes de personas en la frontera.
        Subió el precio del café y del cacao por la menor superficie sembrada.
        Acusan al exministro de lavado de activos por obras públicas.
        El gobierno rehabilitará la carretera de la costa.
        Presentaron el cartel del festival de cine.
        Robaron en una droguería del centro.
        Adictos al trabajo: cuando la oficina no termina
        La heroína de la independencia tendrá su estatua
        Copas de cristal de Bohemia
        Sobredosis de fútbol el fin de semana
        Retiran carteles electorales del centro
        Ludopatía y adicciones a las pantallas
        Investigan corrupción en la obra del hospital
        Plan Nacional de Desarrollo fue aprobado
        Por la senda del crecimiento
        Los monos aulladores vuelven al parque
        Tráfico pesado en la avenida central
        El consumo de energía subió 5 por ciento
        Precios al consumidor bajan
        La reducción de la demanda golpea a la industria
        Fumigación aérea en campos de soja genera protesta
        Cooperación internacional para frenar el cambio climático
        Extraditan a un acusado de homicidio
        Hallan un laboratorio clandestino de billetes falsos
        Lavado de autos: subirán las tarifas
        Despenalización de la eutanasia avanza
        El precursor del arte abstracto
        Legalizarán los terrenos del barrio
        Suben las penas por robo de celulares
        Mano dura contra los colados en el metro
        El extremo dio positivo por covid
        Incautan toneladas de madera ilegal
        Detienen a traficantes de fauna
    """,
    "pt": """
        O modelo baseado na intervenção do Estado terá nova lei e outro mercado.
        A agência aprovou um novo remédio contra o câncer.
        O ciclista foi suspenso por doping.
        A Coca-Cola vai abrir uma fábrica no vale.
        Estreia série sobre um chefão e seu cartel.
        O Congresso votou a legalização do aborto.
        Senado debate a legalização dos cassinos.
        Agentes pulverizam o bairro contra o mosquito da dengue.
        O atacante começou a reabilitação do joelho.
        A poliomielite foi erradicada na região.
        A polícia apreendeu cigarros contrabandeados.
        O tribunal autorizou a extradição por fraude.
        Traficantes de pessoas foram presos na fronteira.
        Subiu o preço do café e do cacau.
        O ex-ministro é acusado de lavagem de dinheiro em obras públicas.
        O governo vai reabilitar a estrada da costa.
        Assaltaram uma drogaria no centro.
        O craque marcou dois gols.
        Investigado por tráfico de influência, o deputado negou tudo.
        Vício em jogos de azar preocupa
        Cartel de combustíveis é investigado
        Uma coca gelada e um pastel
        Milícia libanesa aceita cessar-fogo
        Trânsito: tráfico aéreo afetado pela greve
        Facções do partido disputam a liderança
        Legalização de terras na Amazônia
        Reabilitação urbana do centro histórico
        Consumo das famílias cai
        Redução da demanda afeta indústria
        Posse de arma: decreto é revogado
        Tráfico de animais silvestres na feira
        Traficantes de escravos do século 18
        Pulverização aérea de soja é proibida
        Apreendidas toneladas de madeira
        A devida vênia, disse o ministro
        Pena máxima no futebol
        Overdose de informação
        Drogaria abre 30 lojas
        O filme sobre o narco estreia
        Descriminalização do aborto no STF
        Uso medicinal da própolis
        Cúpula do clima termina sem acordo
        Tolerância zero com álcool ao volante
        Guarda costeira resgata migrantes
    """,
}
#: about drugs, yet not about this
BESIDE_THE_POINT = [
    ("en", "legalization", "After the vote on cocaine seizures, parliament moved on to legalizing abortion."),
    ("en", "treatment", "The money from the cocaine sale paid for the rehabilitation of the bridge."),
    ("es", "legalization", "El juez legalizó la captura de tres hombres que llevaban cocaína en un camión."),
    ("es", "treatment", "Hallan cocaína en el Centro de Rehabilitación Social de la costa."),
    ("es", "eradication", "La cocaína entra por el puerto; el ministro prometió erradicar la pobreza."),
    ("pt", "decriminalization", "Preso com cocaína, responderá também por porte ilegal de arma."),
    ("pt", "organized-crime", "Apreendida cocaína no porto; o cartel dos combustíveis segue sob investigação."),
]
#: the article all this began with is about these; a clause on rehabilitation is a statement's topic
SEED_TOPICS = {
    "alternative-development",
    "cultivation",
    "decriminalization",
    "enforcement-policy",
    "legalization",
    "strategy",
}
SEED_CLAUSE = "rehabilitation for drug users"


@pytest.fixture(scope="module")
def shipped() -> Topics:
    return Topics.load(CONFIG)


def patterns(slug: str, language: str) -> list[str]:
    return [pattern for group in FILES[slug]["patterns"][language].values() for pattern in group]


def found(topics: Topics, title: str, text: str, language: str) -> set[str]:
    return {match.topic for match in topics.match(title, text, language)}


def test_every_topic_has_a_file_and_the_parent_too() -> None:
    assert FILES.keys() == SENTENCES.keys() | {PARENT_TOPIC}


@pytest.mark.parametrize("slug", FILES)
def test_a_topic_is_named_as_its_file_and_told_in_three_languages(slug: str) -> None:
    topic = FILES[slug]
    assert topic["slug"] == slug
    assert topic["patterns"].keys() == set(LANGUAGES)
    for words in (topic["label"], topic["description"]):
        assert words.keys() == set(LANGUAGES)
        assert all(text and text == text.strip() for text in words.values())


@pytest.mark.parametrize(("slug", "language"), EVERY_LIST)
def test_a_list_is_neither_thin_nor_endless_and_holds_nothing_twice(slug: str, language: str) -> None:
    written = patterns(slug, language)
    assert FILES[slug]["patterns"][language].keys() <= LISTS
    traps = FILES[slug]["patterns"][language].get("not", [])
    assert len(written) - len(traps) >= SCORING_MIN
    assert len(written) <= ALL_MAX
    read = [parse_pattern(pattern, GROUPS[language]) for pattern in written]
    # the two sides of ~ may stand either way round
    alike = [(frozenset((pattern.phrases, pattern.near)), pattern.within) for pattern in read]
    assert [text for text, key in zip(written, alike, strict=True) if alike.count(key) > 1] == []


@pytest.mark.parametrize(("slug", "language"), EVERY_LIST)
def test_patterns_are_written_as_the_documentation_says(slug: str, language: str) -> None:
    assert [pattern for pattern in patterns(slug, language) if not PATTERN.fullmatch(pattern)] == []


@pytest.mark.parametrize(
    ("slug", "language", "sentence"),
    [(slug, *pair) for slug, said in SENTENCES.items() for pair in zip(("en", "es", "pt"), said, strict=True)],
)
def test_a_sentence_about_a_topic_is_found(shipped: Topics, slug: str, language: str, sentence: str) -> None:
    assert slug in found(shipped, "", sentence, language)
    assert shipped.on_topic(sentence)


@pytest.mark.parametrize(
    ("language", "headline"),
    [(language, line.strip()) for language, lines in TRAPS.items() for line in lines.strip().splitlines()],
)
def test_what_only_seems_to_be_about_drugs_is_no_topic(shipped: Topics, language: str, headline: str) -> None:
    assert found(shipped, headline, "", language) == set()
    assert found(shipped, "", headline, language) == set()


@pytest.mark.parametrize(("language", "slug", "sentence"), BESIDE_THE_POINT)
def test_traps_hold_in_texts_about_drugs_too(shipped: Topics, language: str, slug: str, sentence: str) -> None:
    assert shipped.scan("", sentence, language).in_context
    assert slug not in found(shipped, "", sentence, language)


@pytest.mark.shared
@pytest.mark.skipif(not SEED.is_file(), reason="no ../shared/seed beside this checkout")
def test_the_article_all_this_began_with(shipped: Topics) -> None:
    text = SEED.read_text("utf-8")
    scan = shipped.scan("", text, "en")
    assert {match.topic for match in scan.matches()} - {"international-cooperation"} == SEED_TOPICS
    start = text.index(SEED_CLAUSE)
    assert scan.topics_in("text", start, start + len(SEED_CLAUSE)) == ("treatment",)
