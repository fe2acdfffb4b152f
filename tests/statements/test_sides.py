"""Sides by topic and language: what speakers ask, refuse, do and judge; plain facts take none.

Each line is topic, side, reporting verb and the words said, whose topic is given: finding topics is tested elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.statements.pieces import pieces_of
from pipeline.statements.stance import stance_of
from pipeline.statements.votes import told_by

ENGLISH = """
alternative-development | against | said | Crop substitution never worked because nobody buys the pineapples
alternative-development | for | said | Without roads, farmers cannot leave coca behind
alternative-development | unclear | said | Some 4,000 families have received coffee seedlings
corruption | for | said | Any officer who takes a bribe will go to prison
corruption | unclear | said | The colonel denied taking bribes from the gang
cultivation | for | said | The government will not tolerate a single hectare of coca
cultivation | for | said | We have to bring coca down to 20,000 hectares
cultivation | unclear | said | Coca cultivation fell by 12 per cent, mostly because prices dropped
decriminalization | against | said | Decriminalisation has turned our parks into open-air drug markets
decriminalization | against | said | Possession should be a crime again
decriminalization | for | rejected | a return to criminal penalties for possession
decriminalization | for | said | It makes no sense to arrest people for a joint
decriminalization | for | said | People who use drugs need a doctor, not a handcuff
decriminalization | unclear | said | Police arrested 4,000 people for possession last year
enforcement-policy | against | said | You cannot solve addiction with soldiers
enforcement-policy | for | denied that | the hard line had failed
enforcement-policy | for | said | Only an iron fist will bring order
enforcement-policy | for | said | Softness on drugs has cost us a generation
enforcement-policy | for | said | We make no apology for being tough on dealers
enforcement-policy | unclear | said | Soldiers will be deployed in four cities from Monday
eradication | against | refused | to resume spraying
eradication | against | said | Spraying glyphosate is poisoning our rivers
eradication | for | said | We will keep spraying until the last bush is gone
eradication | unclear | said | We eradicated 30,000 hectares last year, the minister told Congress
extradition | for | said | Extradition remains our most effective tool
extradition | unclear | said | The court will decide on his extradition in May
harm-reduction | against | opposes | the injection site planned for Fourth Street
harm-reduction | against | said | Handing out needles only encourages drug use
harm-reduction | against | said | Injection rooms are not the answer
harm-reduction | for | said | Supervised rooms keep people alive
harm-reduction | for | said | We can't afford to lose the needle exchange
interdiction | for | said | More radar is what this coast needs
interdiction | for | vowed | to stop every boat
interdiction | unclear | said | Police seized two tonnes of cocaine at the port
interdiction | unclear | said | The boat was intercepted 40 miles off the coast and nobody was hurt
international-cooperation | against | said | We will leave the convention if it is not changed
international-cooperation | for | said | No country can face this alone
international-cooperation | for | said | We need a regional agreement on river patrols
international-cooperation | unclear | said | The summit ended without an agreement
legalization | against | said | My party will vote against legalisation
legalization | against | said | Pot shops have no place in our towns
legalization | against | said | Regulating cannabis sends the wrong message to our children
legalization | against | warned that | legalising would lead to more crashes on the roads
legalization | for | called | prohibition a hundred-year failure
legalization | for | said | A regulated market would take the business away from gangs
legalization | for | said | Drugs should be regulated like alcohol
legalization | for | said | Keeping cannabis illegal only helps the gangs
legalization | for | urged | lawmakers to lift the ban on cannabis
legalization | unclear | accused | the minister of legalising cannabis by the back door
legalization | unclear | said | He used to support legalisation but now has doubts
legalization | unclear | said | Legalisation would need a two-thirds majority
legalization | unclear | said | Should we legalise cannabis?
legalization | unclear | said | Tax revenue from legal cannabis reached $90 million last year
legalization | unclear | said | The bill to legalise cannabis will be debated in committee next week
legalization | unclear | said | The court struck down the ban on cannabis in March
legalization | unclear | said | Three states have legalised marijuana since 2012
medical-cannabis | against | said | Doctors should not be pushed into prescribing cannabis
medical-cannabis | against | said | There is no evidence that medical marijuana works
medical-cannabis | for | said | Patients shouldn't have to wait another year for cannabis oil
medical-cannabis | for | welcomed | the decision to license cannabis oil for children
medical-cannabis | unclear | said | Patients need a prescription from two doctors
money-laundering | for | said | Banks that wash drug money should lose their licence
money-laundering | unclear | said | The bank failed to report suspicious transfers
organized-crime | for | said | These gangs will be hunted down
organized-crime | for | said | We will dismantle the cartels one by one
organized-crime | unclear | said | The cartel controls three provinces
organized-crime | unclear | said | The gang is not a threat to tourists
organized-crime | unclear | said | The killings are linked to a fight between two cartels
precursors | for | said | Nobody should be able to buy acetone without a licence
precursors | unclear | said | The acetone was stopped at the border because papers were missing
prevention | for | said | We should teach children about drugs before dealers do
prevention | unclear | said | One in five students has used cannabis
sentencing | against | said | Dealers who sell to children should die in prison
sentencing | against | said | Sentences for dealers are far too light
sentencing | against | said | We should lock up dealers for life
sentencing | for | said | Mandatory minimums must go
sentencing | for | said | Prison is no place for a sick man
sentencing | for | said | We cannot keep locking up addicts
sentencing | unclear | said | He faces up to 20 years in prison
sentencing | unclear | said | He must serve at least ten years before parole
strategy | against | said | The new drug plan is old wine in new bottles
strategy | for | defended | the government's record on drugs and its new plan
strategy | for | praised | the government's drug strategy
strategy | for | said | The strategy is working
strategy | unclear | said | The strategy will be presented on Friday
synthetic-drugs | for | said | China must stop the flow of fentanyl
synthetic-drugs | unclear | said | Fentanyl killed 300 people in the county last year
traditional-use | for | said | The coca leaf must come off the UN list
treatment | against | opposed | the methadone clinic
treatment | against | said | A clinic next to a playground is unacceptable
treatment | against | said | Compulsory treatment violates patients' rights
treatment | for | said | Closing the clinic is a mistake
treatment | for | said | Rehabilitation gives people their lives back
treatment | for | said | Treatment, not jail, is what he needs
treatment | unclear | said | The clinic cannot take new patients until June
us-policy | against | criticised | the decertification of Bolivia by Washington
us-policy | against | said | Washington has no right to certify anyone
us-policy | against | said | We will not sit in Washington's dock every September
us-policy | for | said | American aid has been vital for our police
us-policy | for | said | We are grateful for the helicopters the United States sent
us-policy | unclear | said | Washington will cut aid by ten per cent next year
"""

SPANISH = """
alternative-development | against | dijo | El desarrollo alternativo no ha cambiado nada
alternative-development | for | dijo | La solución pasa por el desarrollo alternativo
corruption | for | dijo | Vamos a limpiar la policía
corruption | unclear | dijo | Los policías cobraban para no ver los camiones
cultivation | for | prometió | reducir los cultivos a la mitad
cultivation | unclear | dijo | Los cultivos crecieron un 15 por ciento y eso es un problema
decriminalization | against | dijo | La dosis mínima tiene que desaparecer
decriminalization | for | dijo | No se puede tratar como delincuente a un enfermo
decriminalization | for | dijo | Un joven con un porro no debe ir preso
decriminalization | for | rechazó | volver a penalizar la dosis mínima
decriminalization | unclear | dijo | La dosis mínima está despenalizada desde 1994
enforcement-policy | against | dijo | El Ejército no está para perseguir consumidores
enforcement-policy | against | dijo | No se puede resolver el problema a balazos
enforcement-policy | for | dijo | El Ejército seguirá en las calles hasta que haga falta
enforcement-policy | for | dijo | No nos va a temblar la mano
eradication | against | dijo | La erradicación forzosa solo siembra violencia
eradication | against | exigió | el fin de las fumigaciones
eradication | for | dijo | Hay que volver a fumigar
eradication | unclear | anunció | se han erradicado 10.000 hectáreas
eradication | unclear | dijo | La erradicación empezará en abril y durará seis meses
extradition | against | dijo | Ningún peruano será extraditado
extradition | for | dijo | La extradición es la única pena que temen
extradition | unclear | dijo | La Corte debe resolver si autoriza la extradición
harm-reduction | against | dijo | Las narcosalas son un paso atrás
harm-reduction | against | dijo | No vamos a regalar jeringas a los drogadictos
harm-reduction | for | dijo | Repartir jeringuillas evita contagios
harm-reduction | unclear | dijo | En la sala se atendieron 30 sobredosis y nadie murió
interdiction | for | dijo | Tenemos que cerrarles el paso a las lanchas
interdiction | unclear | dijo | Detuvieron a cinco personas que debían entregar la droga
interdiction | unclear | dijo | La policía decomisó 300 kilos en un operativo contra la banda
international-cooperation | for | dijo | Este problema solo se resuelve entre todos los países
international-cooperation | for | dijo | Necesitamos la cooperación de nuestros vecinos
international-cooperation | unclear | dijo | Los presidentes firmaron un acuerdo en Lima
legalization | against | advirtió que | legalizar sería abrir la puerta al consumo
legalization | against | dijo | El país no está preparado para legalizar
legalization | against | dijo | La legalización no va a acabar con el narcotráfico
legalization | against | dijo | Legalizar no es el camino
legalization | against | dijo | No estamos de acuerdo con la legalización
legalization | for | dijo | Estoy a favor de regular la marihuana
legalization | for | dijo | La marihuana debe venderse en farmacias
legalization | for | dijo | Legalizar le quitaría el negocio a los narcos
legalization | for | dijo | Seguir prohibiendo es darle el negocio a las mafias
legalization | for | propuso | regular la venta de marihuana
legalization | unclear | dijo | El Congreso debatirá la legalización en marzo
legalization | unclear | dijo | El Senado aprobó la legalización por 16 votos contra 13
legalization | unclear | dijo | Uruguay legalizó la marihuana en 2013
medical-cannabis | for | dijo | Los enfermos no pueden seguir esperando el cannabis medicinal
money-laundering | for | dijo | Hay que seguir la ruta del dinero
organized-crime | for | dijo | Hay que golpear a las bandas en sus finanzas
organized-crime | for | dijo | No vamos a negociar con los cárteles
organized-crime | unclear | dijo | Los cárteles necesitan nuevas rutas
prevention | for | dijo | Hay que empezar por la escuela
prevention | unclear | dijo | La encuesta muestra que los jóvenes consumen más
sentencing | against | dijo | Que se pudran en la cárcel
sentencing | for | dijo | Las penas por microtráfico son desproporcionadas
sentencing | for | pidió | el indulto para las mujeres condenadas por microtráfico
sentencing | unclear | dijo | Fue condenado a quince años de prisión
sentencing | unclear | dijo | Tiene que cumplir doce años de cárcel
strategy | against | dijo | El plan antidrogas llega tarde y sin dinero
strategy | for | celebró | la nueva estrategia antidrogas
strategy | for | dijo | Con este plan vamos por el camino correcto
strategy | unclear | dijo | El plan tendrá un presupuesto de 40 millones
synthetic-drugs | for | pidió | más controles contra el fentanilo
traditional-use | for | dijo | Mascar coca no es un delito
treatment | against | criticó | los centros de internamiento forzoso
treatment | against | dijo | Encerrar a un adicto no lo cura
treatment | for | dijo | Los adictos necesitan médicos
treatment | for | pidió | que se abran más centros de rehabilitación
treatment | unclear | dijo | El centro debe cerrar por falta de fondos
us-policy | against | dijo | Estados Unidos no tiene autoridad moral para certificar a nadie
us-policy | against | dijo | No aceptamos que nos certifiquen
us-policy | unclear | dijo | Estados Unidos no ha certificado al país este año
"""

PORTUGUESE = """
corruption | unclear | disse | Os policiais recebiam dinheiro do tráfico
cultivation | unclear | disse | A área de coca deve crescer 10% este ano
decriminalization | against | disse | Descriminalizar é um convite ao consumo
decriminalization | for | disse | Um jovem com um baseado não pode ir preso
decriminalization | for | disse | Usuário não é bandido
decriminalization | unclear | disse | O Supremo deve julgar a descriminalização em maio
enforcement-policy | against | disse | Operação policial não resolve o problema das drogas
enforcement-policy | for | defendeu | o endurecimento das leis contra as drogas
enforcement-policy | for | disse | A polícia vai agir com todo o rigor
eradication | against | disse | A erradicação forçada só gera violência
eradication | unclear | disse | A erradicação vai começar em abril
extradition | against | disse | Brasileiro tem de ser julgado no Brasil
extradition | unclear | disse | A extradição deve ser concluída em agosto
harm-reduction | against | disse | Distribuir seringas é incentivar o vício
harm-reduction | against | disse | Não vamos distribuir seringas a viciados
harm-reduction | for | disse | A sala de consumo reduziu as mortes
interdiction | for | disse | Vamos apreender cada carregamento
interdiction | unclear | disse | A polícia apreendeu 2 toneladas e prendeu cinco pessoas
international-cooperation | for | disse | Precisamos da cooperação dos vizinhos
legalization | against | disse | Legalizar não é o caminho
legalization | against | disse | Não há a menor chance de legalizarmos as drogas
legalization | against | disse | O país não está pronto para legalizar
legalization | for | disse | A proibição só enriquece os traficantes
legalization | for | disse | Sou a favor de regulamentar a maconha
legalization | unclear | disse | O Uruguai legalizou a maconha em 2013
medical-cannabis | for | disse | O óleo devolveu a vida ao meu filho
money-laundering | for | disse | Temos de ir atrás do dinheiro
organized-crime | for | disse | O Estado não pode ceder às facções
organized-crime | unclear | disse | A facção precisa de novas rotas
precursors | for | disse | É preciso controlar a venda de éter
prevention | for | disse | Prevenir custa menos do que tratar
sentencing | against | disse | Lugar de traficante é na cadeia
sentencing | against | disse | Traficante não pode ter benefício
sentencing | for | disse | Mulher presa por levar droga ao marido precisa de uma segunda chance
sentencing | for | disse | Prender mais gente não resolve nada
sentencing | unclear | disse | Ele pode pegar até quinze anos de prisão
sentencing | unclear | disse | O réu terá de cumprir oito anos de cadeia
strategy | against | disse | O plano do governo é mais do mesmo
strategy | for | disse | O plano está dando resultado
strategy | unclear | disse | O plano será apresentado na sexta-feira
synthetic-drugs | unclear | disse | O fentanil mata em minutos
traditional-use | for | disse | Mascar folha de coca é parte da nossa cultura
treatment | against | criticou | a internação compulsória
treatment | for | disse | Dependente precisa de tratamento
treatment | for | disse | Faltam leitos e o governo precisa abrir mais clínicas
us-policy | against | disse | Não aceitamos lições de Washington
us-policy | against | disse | Os Estados Unidos não podem impor a sua política a ninguém
"""


def side(lexicons, lang: str, line: str) -> tuple[str, str]:
    topic, wanted, cue, said = line.split(" | ")
    verb, _, between = cue.partition(" ")
    stance_words = lexicons.get(lang).stance
    pieces = pieces_of(said, 0, stance_words, lambda start, end: (topic,), (topic,))
    return wanted, stance_of(stance_words, told_by(stance_words, verb, between), pieces, (topic,))[topic]


@pytest.mark.parametrize("line", ENGLISH.strip().splitlines())
def test_sides_in_english(lexicons, line):
    wanted, told = side(lexicons, "en", line)
    assert told == wanted


@pytest.mark.parametrize("line", SPANISH.strip().splitlines())
def test_sides_in_spanish(lexicons, line):
    wanted, told = side(lexicons, "es", line)
    assert told == wanted


@pytest.mark.parametrize("line", PORTUGUESE.strip().splitlines())
def test_sides_in_portuguese(lexicons, line):
    wanted, told = side(lexicons, "pt", line)
    assert told == wanted


@pytest.mark.parametrize("lang", ["en", "es", "pt"])
def test_every_topic_has_cues_in_every_language(lexicons, lang):
    topics = {path.stem for path in (Path(__file__).parents[2] / "config" / "topics").glob("*.toml")}
    assert sorted(topics - set(lexicons.get(lang).file.stance)) == ["drug-policy"]
